/** Contractions with what authors put around them, and attention that is written by hand: scores, a softmax, a weighted sum. */
import { type Flow, type Head, type Output, rowsOf, shapeText } from './head.ts';
import { numberIn } from './numbers.ts';
import { type Callable, type Extent, letterOf, type Scope, twice, within } from './scope.ts';

/** y[t, …, n] = sum(K, k => x[t, k] * w[n, k]), scaled, gated, with a bias or a residual or an activation around it. */
export function contractionOutput(head: Head): Output {
  const { choices, frame } = head;
  const rows = rowsOf(head);
  const taken = head.callables.find(
    ({ isIndex, shape }) => !isIndex && shape.length === 2 && shape[0]?.text === rows.text,
  );
  const depth = taken?.shape[1] ?? choices.pick(frame.features);
  const x = taken ?? head.tensor('x', 'act', [rows, depth]);
  const columns = choices.pick([...frame.features, twice(choices.pick(frame.features))]);
  const weight = head.tensor('w', choices.pick(['weight', 'weight', 'act', 'f32']), [columns, depth]);
  const second = choices.chance(25) ? head.tensor('w', 'weight', [columns, depth]) : null;
  return rowsOutput(head, [rows, columns], (scope, [t = '', n = '']) => {
    const dot = (matrix: Callable): string => {
      const k = scope.fresh('k');
      scope.record([...scope.loops, depth]);
      const factor = choices.chance(15) ? '0.5 * ' : '';
      return `sum(${depth.text}, (${k}) => ${factor}${x.name}(${t}, ${k}) * ${matrix.name}(${n}, ${k}))`;
    };
    const product = choices.pick([(text: string) => text, (text: string) => `${head.number('scale', 0.5)} * ${text}`])(
      dot(weight),
    );
    const other = numberIn({ ...scope, fuel: 1, reductions: 0 });
    if (second) return `silu(${product}) * ${dot(second)}`;
    return choices.pick([
      product,
      `${product} + (${other})`,
      `silu(${product} + (${other}))`,
      `maximum(${product}, 0)`,
      `(${other}) * ${product}`,
      `(${other}) > 0.25 ? ${product} : 0`,
    ]);
  });
}

/** One operator of three that are attention together; each takes what the one before gave. */
export function handWritten(head: Head, part: 'scores' | 'softmax' | 'weighted'): Output {
  const { choices, frame } = head;
  const rows = rowsOf(head);
  const given = head.callables.at(-1);
  const keys = given?.shape[1] ?? choices.pick(frame.features);
  if (part === 'scores') {
    const depth = choices.pick(frame.features);
    const q = head.tensor('q', 'act', [rows, depth]);
    const k = head.tensor('keys', 'act', [keys, depth]);
    return rowsOutput(head, [rows, keys], (scope, [t = '', j = '']) => {
      const d = scope.fresh('d');
      scope.record([...scope.loops, depth]);
      const dot = `0.5 * sum(${depth.text}, (${d}) => ${q.name}(${t}, ${d}) * ${k.name}(${j}, ${d}))`;
      const inside = { ...scope, fuel: 1, reductions: 0 };
      return choices.pick([
        dot,
        `3 * tanh((${dot}) / 3)`,
        `${dot} + (${numberIn(inside)})`,
        `${j} <= ${t} ? ${dot} : -Infinity`,
        `${j} > ${t} - 2 ? ${dot} : -10`,
      ]);
    });
  }
  const [score] = given ? [given] : [head.tensor('x', 'act', [rows, keys])];
  if (part === 'softmax')
    return rowsOutput(head, [rows, keys], (scope, [t = '', j = '']) => {
      const [i, l] = [scope.fresh('i'), scope.fresh('i')];
      scope.record([...scope.loops, keys]);
      const largest = `max(${keys.text}, (${i}) => ${score.name}(${t}, ${i}))`;
      const sum = `sum(${keys.text}, (${l}) => exp(${score.name}(${t}, ${l}) - ${largest}))`;
      return `exp(${score.name}(${t}, ${j}) - ${largest}) / ${sum}`;
    });
  const width = choices.pick(frame.features);
  const values = head.tensor('values', choices.pick(['act', 'weight']), [width, keys]);
  return rowsOutput(head, [rows, width], (scope, [t = '', d = '']) => {
    const j = scope.fresh('j');
    scope.record([...scope.loops, keys]);
    return `sum(${keys.text}, (${j}) => ${score.name}(${t}, ${j}) * ${values.name}(${d}, ${j}))`;
  });
}

/** A function of a row and an element of it. */
function rowsOutput(
  head: Head,
  shape: readonly Extent[],
  valueAt: (scope: Scope, indices: readonly string[]) => string,
): Output {
  const name = head.fresh('y');
  const element = head.choices.pick(['act', 'f32', 'act']);
  const define = (scope: Scope): string => {
    const variables = shape.map((extent) => ({ name: head.fresh(letterOf(extent)), extent }));
    const inside = variables.reduce<Scope>((outer, variable) => within(outer, variable), scope);
    const indices = variables.map((variable) => variable.name);
    const token = head.frame.isRagged ? (indices[0] ?? null) : null;
    return `(${indices.join(', ')}) => ${valueAt({ ...inside, token, row: variables[0] ?? null }, indices)}`;
  };
  const callable = { name, shape, contents: null, isIndex: false };
  const flow: Flow = { kind: 'dense', callable, element, declaration: `${element}(${shapeText(shape)})` };
  return { flow, isPlain: element === 'f32', define };
}
