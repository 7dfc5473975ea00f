import { describeOperators } from '../../support/operator-suite.ts';
import { simulated } from '../../support/simulation.ts';

describeOperators('bf16', { ...simulated, calls: { ragged: 8, dense: 4 } });
