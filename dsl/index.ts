/** The language, the operator library and the models: what an author of operators imports as `warpsmith/dsl`. */
export * from './lang/index.ts';
export * from './models/index.ts';
export * from './ops/index.ts';
