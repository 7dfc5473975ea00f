/** test/golden/operators.json: independent values of single operators, written by operators.py beside it. */
import { readFileSync } from 'node:fs';

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface GoldenCase {
  readonly operator: string;
  readonly attrs: Readonly<Record<string, number>>;
  /** Lists of integers (positions, lengths, ids) have no shape of their own. */
  readonly inputs: Readonly<Record<string, GoldenTensor | readonly number[]>>;
  readonly outputs: Readonly<Record<string, GoldenTensor>>;
}

export function goldenCases(operator: string): readonly GoldenCase[] {
  const file: { readonly cases: readonly GoldenCase[] } = JSON.parse(
    readFileSync(new URL('../golden/operators.json', import.meta.url), 'utf8'),
  );
  const cases = file.cases.filter((entry) => entry.operator === operator);
  if (cases.length === 0) throw new Error(`test/golden/operators.json has no case of ${operator}`);
  return cases;
}

/** The tensor, or the list as a tensor of one axis. */
export function tensorOf(
  record: Readonly<Record<string, GoldenTensor | readonly number[]>>,
  name: string,
): GoldenTensor {
  const value = record[name];
  if (value === undefined) throw new Error(`the golden case has no ${name}`);
  return 'data' in value ? value : { shape: [value.length], data: value };
}
