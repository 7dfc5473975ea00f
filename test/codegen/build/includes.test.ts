import { expect, test } from 'vitest';
import { withIncludes } from '../../../codegen/build/includes.ts';

const files = new Map([
  ['engine.cpp', '#include <memory>\n#include "lib/instance.h"\n#include "sys/stat.h"\n'],
  ['nest.simt.cpp', '#include "lib/language.h"\n\n  #  include "nest.cu"\n'],
  ['nest.cu', '#include "batch.cuh"\n'],
  ['kernels.h', 'void map();\n'],
  ['lib/instance.h', '#include "batch.h"\n#if WS_CHECKED\n#include "checked.h"\n#endif\n// #include "kernels.h"\n'],
  ['lib/batch.h', '#include "types.h"\n#include "instance.h"\n'],
  ['lib/checked.h', ''],
  ['lib/types.h', ''],
  ['types.h', ''],
  ['lib/language.h', ''],
  ['lib/batch.cuh', ''],
]);
const pathsFrom = (path: string) => [...withIncludes(path, files).keys()];

test('a source has what it includes, directly and through others, each once', () => {
  expect(pathsFrom('engine.cpp')).toEqual([
    'engine.cpp',
    'lib/instance.h',
    'lib/batch.h',
    'lib/types.h',
    'lib/checked.h',
  ]);
  expect(withIncludes('engine.cpp', files).get('lib/batch.h')).toContain('types.h');
});

test('a name is looked for beside the file first, then in the folders of -I', () => {
  expect(pathsFrom('nest.simt.cpp')).toEqual(['nest.simt.cpp', 'lib/language.h', 'nest.cu', 'lib/batch.cuh']);
});
