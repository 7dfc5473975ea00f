import { describeOperators } from '../../support/operator-suite.ts';
import { simulated } from '../../support/simulation.ts';

const calls = { ragged: 4, dense: 3 };

/** What depends on the element type: conversions, products on tensor cores and off them, softmax. In f32 all mutants run too. */
describeOperators('f16', { ...simulated, calls, names: ['siluMul', 'rmsNorm', 'linear', 'pagedAttention'] });
describeOperators('f32', { ...simulated, calls, names: ['linear', 'pagedAttention', 'sample', 'topP'] });
