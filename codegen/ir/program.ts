/**
 * A program: a traced graph whose operators have been read and whose dimensions, attributes and element types are bound.
 * Loads name values of the program; dimensions that are left are symbolic counts, solved at each call.
 */
import type { Extent, WeightSegment } from '../../dsl/lang/graph.ts';
import type { StorageType } from './expression.ts';
import type { Definition } from './operator.ts';

export type { Extent, WeightSegment };

export type ValueRole =
  | { readonly kind: 'intermediate' }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'weight'; readonly name: string; readonly segments: readonly WeightSegment[] }
  | { readonly kind: 'constant'; readonly name: string; readonly data: readonly number[] }
  | { readonly kind: 'state'; readonly name: string };

/** The fields of a paged state, in the order in which they lie in a block: per field [heads…][block size][width]. */
export interface PagedLayout {
  readonly fields: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

export interface ProgramValue {
  /** Unique in the program; what a load's `tensor` holds. */
  readonly key: string;
  /** The name that the operator which makes it declares, or else its first reader. */
  readonly name: string;
  /** The name that its first reader declares; null if nothing reads it. */
  readonly inputName: string | null;
  readonly storage: StorageType;
  readonly shape: readonly Extent[];
  readonly paged: PagedLayout | null;
  readonly role: ValueRole;
  /** For a view or a later version of a state: the key of the value whose memory it shares. */
  readonly aliasOf: string | null;
}

/** One output of one call: a node of the data-flow graph that lowering works on. */
export interface BoundDefinition {
  readonly operator: string;
  readonly label: string;
  /** `operator.output`, the anchor by which generated code names its source. */
  readonly anchor: string;
  /** Whether a reader may take its values before they are rounded to the output's type. */
  readonly relaxed: boolean;
  readonly definition: Definition;
}

export interface Program {
  readonly name: string;
  readonly values: ReadonlyMap<string, ProgramValue>;
  readonly definitions: readonly BoundDefinition[];
  /** Result name to value key. */
  readonly results: ReadonlyMap<string, string>;
  /** Symbolic counts in order of first use. */
  readonly counts: readonly string[];
}

/** The storage types an engine is built with. */
export interface ElementBinding {
  readonly act: StorageType;
  readonly weight: StorageType;
  readonly cache: StorageType;
}

/** The value whose memory a value lives in. */
export function baseOf(program: Program, key: string): string {
  return program.values.get(key)?.aliasOf ?? key;
}
