import { expect, it } from 'vitest';
import { duplicateKeys } from '../../runtime/json-keys.ts';

it.each([
  ['{}', []],
  ['{"a":1,"b":{"a":2}}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"a":[{"b":1},{"b":2,"b":3}],"c":["c","c"]}', ['b']],
  ['{"a":"a","\\u0061":"{\\"a\\":"}', ['a']],
  ['{"a\\\\":1,"a":2}', []],
  ['{"a":"x,\\"y\\"","b":["a","a"],"b":0}', ['b']],
])('finds the duplicates of %s', (text, expected) => {
  JSON.parse(text);
  expect(duplicateKeys(text)).toEqual(expected);
});

it('reads a string of as many escapes as a header has room for', () => {
  expect(duplicateKeys(`{"a":"${'\\n'.repeat(20_000_000)}","b":1,"b":2}`)).toEqual(['b']);
});
