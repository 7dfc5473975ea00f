/** An output's definition: a function of its indices becomes a map or an attend; a state's next version is a scatter. */
import type { Node } from 'ts-morph';
import type { Expression, Span } from '../ir/expression.ts';
import type {
  AttendDefinition,
  DeclaredElement,
  Definition,
  DenseDeclaration,
  PagedDeclaration,
  ScatterDefinition,
  TensorDeclaration,
} from '../ir/operator.ts';
import { convert } from './build.ts';
import { indexValue, isCallable } from './builtins.ts';
import { callValue } from './evaluate.ts';
import { parameterNames } from './functions.ts';
import { asNumber } from './operators.ts';
import { type Reader, spanOf } from './reader.ts';
import { type AttendValue, describeValue, type ScatterValue, type Value } from './values.ts';

export function readDefinition(reader: Reader, output: TensorDeclaration, value: Value, at: Node): Definition {
  if (output.kind === 'paged' || output.state) {
    if (value.kind !== 'scatter') throw reader.refusal(at, 'state-not-scattered', output.name, describeValue(value));
    return output.kind === 'paged' ? scatterPaged(reader, output, value) : scatterDense(reader, output, value);
  }
  if (value.kind === 'scatter') throw reader.refusal(value.span, 'scatter-into-dense', output.name);
  if (!isCallable(value)) throw reader.refusal(at, 'output-not-function', output.name, describeValue(value));

  const rank = output.shape.length;
  const names = axisNames(value, rank);
  const indices = names.map((name) => reader.freshIndex(name));
  const result = callValue(
    reader,
    value,
    indices.map((variable) => indexValue(variable, at)),
    at,
  );
  if (result.kind === 'attend') {
    if (names.length !== rank - 1) throw reader.refusal(at, 'attend-indices', output.name, rank, names.length);
    return attendDefinition(reader, output, indices, result);
  }
  if (names.length !== rank) throw reader.refusal(at, 'output-indices', output.name, rank, names.length);
  const stored = store(reader, output.name, output.element, asNumber(reader, result, at), spanOf(at));
  return { kind: 'map', output: output.name, indices, value: stored, span: spanOf(at) };
}

function attendDefinition(
  reader: Reader,
  output: DenseDeclaration,
  indices: AttendDefinition['indices'],
  attended: AttendValue,
): AttendDefinition {
  if (output.element === 'i32') throw reader.refusal(attended.span, 'float-into-index', output.name);
  const { key, low, high, score, mask, valueIndex, value, span } = attended;
  return { kind: 'attend', output: output.name, indices, key, low, high, score, mask, valueIndex, value, span };
}

function scatterPaged(reader: Reader, output: PagedDeclaration, scattered: ScatterValue): ScatterDefinition {
  if (scattered.slot.length !== 1)
    throw reader.refusal(scattered.span, 'slot-count', output.name, 'one slot', scattered.slot.length);
  for (const name of scattered.writes.keys()) {
    if (!output.fields.some((field) => field.name === name)) {
      throw reader.refusal(
        scattered.span,
        'unknown-field',
        output.name,
        name,
        output.fields.map((field) => field.name),
      );
    }
  }
  const writes = output.fields.map((field) => {
    const write = scattered.writes.get(field.name);
    if (write === undefined) throw reader.refusal(scattered.span, 'field-missing', output.name, field.name);
    if (write.indices.length !== field.shape.length) {
      throw reader.refusal(
        scattered.span,
        'output-indices',
        `${output.name}.${field.name}`,
        field.shape.length,
        write.indices.length,
      );
    }
    return {
      field: field.name,
      indices: write.indices,
      value: store(reader, output.name, 'cache', write.value, scattered.span),
    };
  });
  return scatterDefinition(output.name, scattered, writes);
}

function scatterDense(reader: Reader, output: DenseDeclaration, scattered: ScatterValue): ScatterDefinition {
  const write = scattered.writes.get('value');
  const rank = output.shape.length;
  if (write === undefined || scattered.writes.size !== 1)
    throw reader.refusal(scattered.span, 'dense-scatter-form', output.name);
  if (scattered.slot.length + write.indices.length !== rank) {
    throw reader.refusal(
      scattered.span,
      'slot-count',
      output.name,
      `${rank === 1 ? 'one index' : `${rank} indices`}, of the slot and of the value together`,
      scattered.slot.length + write.indices.length,
    );
  }
  const value = store(reader, output.name, output.element, write.value, scattered.span);
  return scatterDefinition(output.name, scattered, [{ field: null, indices: write.indices, value }]);
}

function scatterDefinition(
  output: string,
  scattered: ScatterValue,
  writes: ScatterDefinition['writes'],
): ScatterDefinition {
  const { variable, extent, slot, span } = scattered;
  return { kind: 'scatter', output, variable, extent, slot, writes, span };
}

/** The value in the type of the tensor it is stored to. An f32 does not become an i32: its fraction would be lost unseen. */
function store(reader: Reader, output: string, element: DeclaredElement, value: Expression, at: Span): Expression {
  if (element !== 'i32') return convert(value, 'f32', value.span);
  if (value.type === 'f32') throw reader.refusal(at, 'float-into-index', output);
  return value;
}

/** The author's names of the output's indices; an output that is a tensor or a helper itself gets names by place. */
function axisNames(value: Value, rank: number): readonly string[] {
  return value.kind === 'function' ? parameterNames(value) : Array.from({ length: rank }, (_, axis) => `i${axis}`);
}
