export * from './lang/index.ts';
export * from './ops/index.ts';
