import { describeOperators } from '../../support/operator-suite.ts';

describeOperators('f32');
