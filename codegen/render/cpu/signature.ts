/** The signature of a kernel function and the comment above it. */
import type { Kernel } from '../../ir/kernel.ts';
import { cType, type KernelScope, type Parameter } from '../kernel-scope.ts';

export interface RenderedKernel {
  /** The function's text under the name `name`. */
  readonly name: string;
  readonly text: string;
  readonly kind: Kernel['kind'];
  readonly parameters: readonly Parameter[];
  /** Symbolic counts passed as int, in order. */
  readonly counts: readonly string[];
  readonly anchors: readonly string[];
  readonly label: string;
  /** Bytes of scratch memory a thread needs, as a sum over buffers. */
  readonly scratchBytes: number;
}

/** To be called when the body is printed: only then the scope knows what the body uses. */
export function signature(scope: KernelScope): string {
  const counts = scope.counts.map((count) => `const int ${scope.count(count)}`);
  const parameters = scope.parameters.map((parameter) => {
    const constness = parameter.written ? '' : 'const ';
    const type = cType(parameter.storage);
    return parameter.form === 'matrix'
      ? `const Matrix<${type}>& ${parameter.name}`
      : `${constness}${type}* __restrict ${parameter.name}`;
  });
  return wrap(['const Batch& batch', 'Worker& worker', ...counts, ...parameters].join(', '), '\n    ');
}

export function documentation(kernel: Kernel, scope: KernelScope): string {
  const shapes = scope.parameters.map((parameter) => `${parameter.name} ${parameter.shape}`);
  return [kernel.anchors.join(', '), ...(shapes.length > 0 ? [wrap(shapes.join(', '), '\n * ')] : [])].join('\n * ');
}

/** Breaks a list behind its commas, so that lines stay within the width of a page. */
function wrap(text: string, newLine: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=,) /)) {
    if (line.length + word.length > 110) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join(newLine);
}
