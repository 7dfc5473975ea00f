/** What reading one operator shares: where diagnostics go, fresh indices, and values already found. */
import type { Node } from 'ts-morph';
import { type DiagnosticCode, type DiagnosticDetails, diagnose } from '../diagnostics/catalog.ts';
import type { Diagnostic } from '../ir/diagnostic.ts';
import type { IndexVariable, Span } from '../ir/expression.ts';
import type { Modules } from './modules.ts';
import type { FunctionValue, Value } from './values.ts';

/** Thrown once a diagnostic has been reported, to leave the expression that cannot be read; never leaves `read`. */
export class Refusal extends Error {}

/** Deeper than any author writes: a chain of calls this long goes in a circle. */
const deepestCall = 64;

export class Reader {
  readonly modules: Modules;
  readonly diagnostics: Diagnostic[] = [];
  /** Values of module-level names; null while one is being read, and where it was refused. */
  readonly moduleValues = new Map<Node, Value | null>();
  /** Module-level consts whose initializer is being read: meeting one of them again is a cycle. */
  readonly beingRead = new Set<Node>();
  /** Results of calls by function and arguments, so that `mean(t)` written twice is one node of the DAG. */
  readonly results = new Map<FunctionValue, { readonly args: readonly Value[]; readonly result: Value }[]>();
  /** The name of the token dimension, once the head has declared one. */
  tokenDimension: string | null = null;
  /** What the names of the operator's head stand for, as far as it has been read. */
  readonly roles = new Map<string, 'dimension' | 'input' | 'attr' | 'output'>();
  /** Calls under way, innermost last. */
  readonly #calls: FunctionValue[] = [];
  #indices = 0;

  constructor(modules: Modules) {
    this.modules = modules;
  }

  /** Reports, and gives the error to throw. */
  refusal<Code extends DiagnosticCode>(at: Node | Span, code: Code, ...details: DiagnosticDetails<Code>): Refusal {
    this.report(at, code, ...details);
    return new Refusal(code);
  }

  report<Code extends DiagnosticCode>(at: Node | Span, code: Code, ...details: DiagnosticDetails<Code>): void {
    const found = diagnose('getText' in at ? spanOf(at) : at, code, ...details);
    const isKnown = this.diagnostics.some(
      ({ code: known, span, message }) =>
        known === found.code &&
        message === found.message &&
        span.file === found.span.file &&
        span.line === found.span.line &&
        span.column === found.span.column,
    );
    if (!isKnown) this.diagnostics.push(found);
  }

  /** The work's result, or null if it was refused: reading goes on so that one pass reports all mistakes. */
  attempt<Result>(work: () => Result): Result | null {
    try {
      return work();
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }

  freshIndex(name: string): IndexVariable {
    return { id: this.#indices++, name };
  }

  /** Runs a call's body. A chain of calls that is too deep is refused with the cycle it goes through. */
  enter<Result>(callee: FunctionValue, at: Node, body: () => Result): Result {
    if (this.#calls.length >= deepestCall) {
      const start = this.#calls.findLastIndex((caller) => caller.node === callee.node);
      const cycle = this.#calls.slice(Math.max(start, 0)).map((caller) => caller.name);
      throw this.refusal(at, 'recursion', [...cycle, callee.name].join(' -> '));
    }
    this.#calls.push(callee);
    try {
      return body();
    } finally {
      this.#calls.pop();
    }
  }
}

/**
 * 1-based line and column of a node, without its leading comments. The length stops at the end of the line. Asked for every node
 * of the IR, so by the table of lines that TypeScript keeps: ts-morph counts them from the start of the file.
 */
export function spanOf(node: Node): Span {
  const source = node.getSourceFile();
  const start = node.getStart();
  const { line, character } = source.compilerNode.getLineAndCharacterOfPosition(start);
  const text = source.getFullText();
  const lineEnd = text.indexOf('\n', start);
  const end = lineEnd < 0 ? node.getEnd() : Math.min(lineEnd, node.getEnd());
  const length = Math.max(text.slice(start, end).trimEnd().length, 1);
  return { file: source.getFilePath(), line: line + 1, column: character + 1, length };
}

/** A node's text on one line, short enough for a message. */
export function textOf(node: Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
