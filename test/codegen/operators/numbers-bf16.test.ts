import { describeOperators } from '../../support/operator-suite.ts';

describeOperators('bf16');
