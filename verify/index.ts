/** Verifying built kernels on the machine at hand: every operator against its author's function, a model against its reference. */
export { examine, type Finding } from './doctor.ts';
export { hasReference, type ModelReport, verifyModel } from './model.ts';
export { OperatorLibrary } from './operator-library.ts';
export { type OperatorReport, verifiedCases, verifyOperators } from './operators.ts';
export { type Prepared, prepare, store, stored } from './prepared.ts';
