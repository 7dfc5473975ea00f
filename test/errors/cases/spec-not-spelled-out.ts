import { act, op } from 'warpsmith/dsl';

const spec = {};
export const broken = op(spec);
