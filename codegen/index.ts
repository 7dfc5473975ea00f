/** The compiler's public face: engines of models, libraries of operators, and the text of any stage. */
export { compile, compileAndBuild, DEFAULT_BLOCK_SIZE, DEFAULT_ELEMENTS } from './compile.ts';
export { type EmitOptions, emitStage, generateSources, type Stage } from './emit.ts';
export { CompileError, DiagnosticError } from './errors.ts';
export { explain } from './explain.ts';
export { type BuiltEngine, compileModel, type ModelOptions } from './model.ts';
export { compileOperatorFile, type OperatorFileOptions } from './operator-file.ts';
export { readProgramOperators } from './read/program-operators.ts';
export { referenceLibrary } from './reference-library.ts';
