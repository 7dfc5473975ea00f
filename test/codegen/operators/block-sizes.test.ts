import { describeOperators } from '../../support/operator-suite.ts';

/** 64 is the size of every other library; what reads and writes the cache is all that depends on it. */
for (const blockSize of [16, 32]) describeOperators('bf16', { blockSize, names: ['storeKv', 'pagedAttention'] });
