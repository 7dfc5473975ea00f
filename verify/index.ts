/** Verifying built kernels on the machine at hand: every operator against its author's function, a model against its reference. */

export type { OperatorShape } from '../codegen/operator-graph.ts';
export { examine } from './doctor.ts';
export { hasReference, type ModelReport, verifyModel } from './model.ts';
export { verifyOperatorFile } from './operator-file.ts';
export { OperatorLibrary } from './operator-library.ts';
export { type OperatorReport, verifiedCases, verifyOperators } from './operators.ts';
export { type Prepared, type PrepareOptions, prepare, store, stored } from './prepared.ts';
