/** What a built engine says of itself in `manifest.json`: all that the runtime needs to know to run it. */

export const MANIFEST_VERSION = 2;

export interface Manifest {
  readonly version: number;
  readonly abi: number;
  readonly target: 'cpu' | 'cuda';
  /** Of GPUs that the library holds code for, such as `sm_90a`; none for the CPU. */
  readonly architectures: readonly string[];
  /** The shared library's file name, which holds the hash of its sources. */
  readonly library: string;
  /** Of the library's file, in the manifest of a built one. */
  readonly libraryBytes?: number;
  readonly blockSize: number;
  readonly elements: { readonly act: string; readonly weight: string; readonly cache: string };
  /** Processor features the library was built with; a machine without one of them cannot load it. */
  readonly processorFeatures: readonly string[];
  readonly programs: readonly ManifestProgram[];
  /** For a model's engine: what it was built from. */
  readonly model: ManifestModel | null;
}

export interface ManifestModel {
  readonly architecture: string;
  readonly vocabSize: number;
  readonly maxModelLen: number;
  readonly topCount: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  /** The architecture's own function, which takes every tensor of its checkpoints: one that it does not know is an error. */
  readonly takesAllTensors: boolean;
}

export interface ManifestProgram {
  readonly name: string;
  /** Symbolic counts in the order of the descriptor. */
  readonly counts: readonly string[];
  readonly values: readonly ManifestValue[];
  readonly kernels: readonly ManifestKernel[];
  /** Result name to index in `values`. */
  readonly results: Readonly<Record<string, number>>;
}

export interface ManifestValue {
  readonly name: string;
  readonly kind: 'input' | 'weight' | 'constant' | 'state' | 'result' | 'arena';
  readonly storage: 'bf16' | 'f16' | 'f32' | 'i32';
  /** A number or the name of a count. */
  readonly shape: readonly (number | string)[];
  /** For a paged state: elements a position over all fields, else 0. */
  readonly pageElements: number;
  readonly segments?: readonly ManifestSegment[];
  readonly data?: readonly number[];
}

/** Rows and columns of a checkpoint tensor that a weight is made of, in order. */
export interface ManifestSegment {
  readonly tensor: string;
  readonly rowStart: number;
  readonly rows: number;
  readonly columnStart: number;
  readonly columns: number;
  readonly totalRows: number;
  readonly totalColumns: number;
}

export interface ManifestKernel {
  readonly name: string;
  /** Where in the model it runs, such as `layers.3.mlp`. */
  readonly label: string;
  readonly class: 'nest' | 'contract' | 'attend';
  /** The outputs it computes, as `operator.output`. */
  readonly anchors: readonly string[];
  /** Where these are defined, as `file.ts:line`. */
  readonly lines: readonly string[];
  /** On a GPU: threads of a block, and the dynamic shared memory that it has. */
  readonly threads?: number;
  /** Threads of a block where it is one of a cluster, from sm_90 on. */
  readonly clusterThreads?: number;
  readonly sharedBytes?: number;
}
