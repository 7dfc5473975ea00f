/** What samplers and routers do with a row: its largest places, the place of a draw, and the row cut at a threshold. */
import { type Flow, type Head, type Output, rowsOf, shapeText } from './head.ts';
import { indexIn } from './indices.ts';
import { numberIn } from './numbers.ts';
import { deeper, type Extent, letterOf, literal, type Scope, within } from './scope.ts';

/** As much work as the selection of a row is to threads that are simulated. */
const SELECTION = literal(400);

type Ranking = 'places' | 'draw' | 'first' | 'k largest' | 'nucleus' | 'least probable';

export function rankingOutput(head: Head): Output {
  const { choices, frame } = head;
  const rows = rowsOf(head);
  const given = head.callables.findLast(
    ({ isIndex, shape }) => !isIndex && shape.length === 2 && shape[0]?.text === rows.text,
  );
  const extent = given?.shape[1] ?? choices.pick(frame.features);
  const x = given ?? head.tensor('x', choices.pick(['act', 'f32']), [rows, extent]);
  const ranking = choices.pick<Ranking>(['places', 'first', 'draw', 'k largest', 'nucleus', 'least probable']);
  const input = (stem: string, declaration: string): string => head.input(head.fresh(stem), declaration);
  switch (ranking) {
    case 'places': {
      const places = head.dimension(
        'P',
        (sizes) => Math.max(1, Math.floor(extent.size(sizes) / 2)),
        (name) => `${name} <= ${extent.text}`,
      );
      return output(head, 'i32', [rows, places], extent, (scope, [r = '', place = '']) => {
        const variable = { name: scope.fresh(letterOf(extent)), extent };
        const body = bodyOf(scope, x.name, r, variable);
        return `topN(${extent.text}, ${places.text}, (${variable.name}) => ${body})(${place})`;
      });
    }
    case 'first':
    case 'draw': {
      const seed = ranking === 'draw' ? input('seed', `i32(${rows.text})`) : '';
      const temperature = ranking === 'draw' ? input('temperature', `f32(${rows.text})`) : '';
      return output(head, 'i32', [rows], extent, (scope, [r = '']) => {
        const variable = { name: scope.fresh(letterOf(extent)), extent };
        const body = bodyOf(scope, x.name, r, variable);
        const drawn = `${temperature}(${r}) > 0 ? ${body} + gumbel(${seed}(${r}), ${choices.below(5)}, ${variable.name}) : ${body}`;
        return `argmax(${extent.text}, (${variable.name}) => ${ranking === 'draw' ? drawn : body})`;
      });
    }
    case 'k largest':
    case 'nucleus':
    case 'least probable': {
      const [stem, element] = ranking === 'k largest' ? ['k', 'i32'] : ['share', 'f32'];
      const parameter = input(stem, `${element}(${rows.text})`);
      return output(head, 'f32', [rows, extent], null, (scope, [r = '', v = '']) => {
        const i = scope.fresh('i');
        const own = `${x.name}(${r}, ${v})`;
        const each = `(${i}) => ${x.name}(${r}, ${i})`;
        const p = `${parameter}(${r})`;
        const [holds, threshold] = {
          'k largest': [`${p} > 0 && ${p} < ${extent.text}`, `kthLargest(${extent.text}, ${p}, ${each})`],
          nucleus: [`${p} < 1`, `massThreshold(${extent.text}, ${p}, ${each})`],
          'least probable': [`${p} > 0`, `max(${extent.text}, ${each}) + log(${p})`],
        }[ranking];
        const cut = scope.fresh('cut');
        const otherwise = choices.pick(['-Infinity', '0', '-1']);
        return `{\n      const ${cut} = ${holds} ? ${threshold} : -Infinity;\n      return ${own} >= ${cut} ? ${own} : ${otherwise};\n    }`;
      });
    }
  }
}

/** What is ranked: the row, or what becomes of its elements. */
function bodyOf(
  scope: Scope,
  row: string,
  r: string,
  variable: { readonly name: string; readonly extent: Extent },
): string {
  const inside = within({ ...deeper(scope), reductions: 0, fuel: 1 }, variable);
  return scope.choices.pick([
    `${row}(${r}, ${variable.name})`,
    `(${row}(${r}, ${variable.name}) * 0.5)`,
    `(${row}(${r}, ${variable.name}) + (${numberIn(inside)}))`,
    `${row}(${r}, ${indexIn(inside, variable.extent)})`,
  ]);
}

function output(
  head: Head,
  element: 'i32' | 'f32',
  shape: readonly Extent[],
  contents: Extent | null,
  valueAt: (scope: Scope, indices: readonly string[]) => string,
): Output {
  const name = head.fresh('y');
  const range = contents === null ? '' : `.in(0, ${contents.text})`;
  const define = (scope: Scope): string => {
    const variables = shape.map((extent) => ({ name: head.fresh(letterOf(extent)), extent }));
    const loops = { ...scope, loops: [...scope.loops, SELECTION] };
    const inside = variables.reduce<Scope>((outer, variable) => within(outer, variable), loops);
    const indices = variables.map((variable) => variable.name);
    return `(${indices.join(', ')}) => ${valueAt({ ...inside, row: variables[0] ?? null }, indices)}`;
  };
  const callable = { name, shape, contents, isIndex: element === 'i32' };
  const flow: Flow = { kind: 'dense', callable, element, declaration: `${element}(${shapeText(shape)})${range}` };
  return { flow, isPlain: false, define };
}
