/** What a docstring of a public name must say, as far as it can be read off the sources: a complaint for each that does not. */
import ts from 'typescript';
import { type PublicName, publicNames } from './public-names.ts';
import { errorCodes, type Thrown, thrownErrors } from './thrown-errors.ts';

/** Tensors of each operator as its IR prints them, such as `x: act[T, 2 * H]`. */
export type DeclaredTensors = ReadonlyMap<string, readonly Tensor[]>;

interface Tensor {
  readonly name: string;
  readonly text: string;
  readonly isOutput: boolean;
}

/** Operators that are arithmetic or a table alone; every other one comes of a paper or a specification, and names it. */
const withoutSource = new Set([
  'add',
  'applyTemperature',
  'countTokens',
  'embedding',
  'keepTokens',
  'knownTokens',
  'linear',
  'linearBias',
  'lmHead',
  'logSumExp',
  'selectRows',
  'splitHeads',
  'tokenLogprob',
  'topLogprobs',
  'topTokens',
]);

export function complaints(
  program: ts.Program,
  entries: readonly string[],
  tensors: DeclaredTensors,
): readonly string[] {
  const codes = errorCodes(program);
  const errorsOf = thrownErrors(program, codes);
  const names = publicNames(program, entries);
  const told = (name: PublicName) => toldErrors(name, names);
  return names.flatMap((name) =>
    [
      ...missing(name),
      ...unitMissing(name),
      ...errorsMissing(name, told(name), errorsOf(name.declaration), codes),
      ...formulaMissing(name),
      ...operatorMissing(name, tensors),
    ].map((what) => `${name.path}: ${what}`),
  );
}

function missing({ declaration, text }: PublicName): readonly string[] {
  if (text !== '' || isToldByOthers(declaration)) return [];
  return ['has no docstring'];
}

/** A constructor by its class, a property of a union's member by what stands before that, a discriminant by its values. */
function isToldByOthers(declaration: ts.Declaration): boolean {
  if (ts.isConstructorDeclaration(declaration)) return true;
  if (!ts.isPropertySignature(declaration)) return false;
  const { parent, type } = declaration;
  return ts.isTypeLiteralNode(parent) || (type !== undefined && ts.isLiteralTypeNode(type));
}

const unit =
  /\b(bits?|bytes?|tokens?|ids?|positions?|blocks?|sequences?|seconds?|rows?|columns?|elements?|heads?|layers?|ranks?|threads?|steps?|times|writes|turns|index|place|radians|logits?|logarithms?|share|factor|entries|files)\b/i;
/** `[0, 1)`, `above 0`, `from 1 on`. */
const range = /[[(][^\])]*, [^\])]*[\])]|\b(above|from) \d/i;
const unitInName = /(Bytes|Tokens|Seconds|Ms)$/;

function unitMissing({ declaration, text, around, path }: PublicName): readonly string[] {
  if (!ts.isPropertySignature(declaration) && !ts.isPropertyDeclaration(declaration)) return [];
  const holdsNumbers = declaration.type !== undefined && /\bnumber\b/.test(declaration.type.getText());
  const isFunction = declaration.type !== undefined && /=>/.test(declaration.type.getText());
  const told = `${text} ${around}`;
  if (!holdsNumbers || isFunction || unitInName.test(path) || unit.test(told) || range.test(told)) return [];
  return ['is a number without unit or range'];
}

/** What a name says of its errors, with what those say that it refers to: ``as `generate` does``. */
function toldErrors({ throws, path }: PublicName, names: readonly PublicName[]): string {
  const own = throws.join('\n');
  const others = [...own.matchAll(/\bas `(\w+)` does/g)].map(([, other = '']) => other);
  const scope = path.slice(0, path.lastIndexOf('.') + 1);
  const referred = names.filter((name) => others.some((other) => name.path === other || name.path === scope + other));
  return [own, ...referred.map((name) => name.throws.join('\n'))].join('\n');
}

function errorsMissing(name: PublicName, told: string, thrown: Thrown, codes: ReadonlySet<string>): readonly string[] {
  if (told.trim() === '') {
    if (thrown.error) return ['does not say with @throws how it fails'];
    return isAsync(name.declaration) ? ['is asynchronous and does not say with @throws how it fails'] : [];
  }
  const named = [...told.matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code);
  const unknown = named.filter((code) => code.includes('-') && !codes.has(code));
  const left = [...thrown.codes].filter((code) => !named.includes(code));
  return [
    ...unknown.map((code) => `names the code ${code}, which there is not`),
    ...left.map((code) => `does not name the code ${code}`),
  ];
}

function isAsync(declaration: ts.Declaration): boolean {
  if (!ts.isFunctionLike(declaration) || ts.isMethodSignature(declaration)) return false;
  return /^(Promise|AsyncGenerator)\b/.test(declaration.type?.getText() ?? '');
}

/** Functions of numbers that the language is made of: `silu(x) = x / (1 + exp(-x))`. */
const formulaFiles = /\/dsl\/lang\/(activations|arithmetic|batch|intrinsics|reductions)\.ts$/;

function formulaMissing({ declaration, text, path }: PublicName): readonly string[] {
  if (!formulaFiles.test(declaration.getSourceFile().fileName) || path.includes('.')) return [];
  const func = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  if (!func || !(ts.isArrowFunction(func) || ts.isFunctionDeclaration(func))) return [];
  const parameters = func.parameters.map(({ name }) => name.getText());
  if (func.parameters.some(({ type }) => !/^(number|Body|\(i: number\) => number)$/.test(type?.getText() ?? '')))
    return [];
  const left = `${path}(${parameters.join(', ')})`;
  return text.includes(`${left} = `) ? [] : [`does not give the formula ${left} = …`];
}

function operatorMissing({ declaration, text, path }: PublicName, tensors: DeclaredTensors): readonly string[] {
  const declared = tensors.get(path);
  if (!declared || !ts.isVariableDeclaration(declaration)) return [];
  const untold = declared
    .filter((tensor) => !text.includes(tensor.text))
    .map((tensor) => `does not say ${tensor.text}`);
  const undefinedOutputs = declared
    .filter(({ name, isOutput }) => isOutput && !new RegExp(`\\b${name}(\\.\\w+)?\\[.*?\\] \\+?= `).test(text))
    .map(({ name }) => `does not give the formula ${name}[…] = …`);
  const hasSource = /[\w.]+, (19|20)\d\d[);]/.test(text) || withoutSource.has(path);
  return [...untold, ...undefinedOutputs, ...(hasSource ? [] : ['names no source (Author, year)'])];
}

/** Of the operators' IR as `generated/operators.txt` prints it. */
export function declaredTensors(operators: string): DeclaredTensors {
  const sections = operators.split(/^operator /m).slice(1);
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf('(')),
      [...section.matchAll(/^ {2}(input|output) +((\w+): .*)$/gm)].map(([, role, text = '', name = '']) => ({
        name,
        text,
        isOutput: role === 'output',
      })),
    ]),
  );
}
