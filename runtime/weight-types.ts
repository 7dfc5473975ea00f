/** Where a checkpoint's tensors are and how their elements lie there; one form for safetensors and GGUF. */

/** Where a tensor's bytes are: `byteLength` bytes from `byteOffset` of the file, row-major. */
export interface TensorLocation {
  readonly file: string;
  /** A name of `weightTypes`, or of a type that no engine takes. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byteOffset: number;
  readonly byteLength: number;
  /**
   * Rows of a head, where the file has the two halves of each head interleaved: its row 2i + j is row j * headRows / 2 + i of the
   * tensor. Absent where rows are in order.
   */
  readonly interleavedHeadRows?: number;
}

export interface WeightType {
  /** The number of the encoding in the ABI (templates/host/lib/blocks.h). */
  readonly encoding: number;
  /** A row is a whole number of blocks. */
  readonly blockElements: number;
  readonly blockBytes: number;
}

/** The types that an engine takes, converted to its own at load. */
export const weightTypes: Readonly<Record<string, WeightType>> = {
  BF16: { encoding: 0, blockElements: 1, blockBytes: 2 },
  F16: { encoding: 1, blockElements: 1, blockBytes: 2 },
  F32: { encoding: 2, blockElements: 1, blockBytes: 4 },
  Q8_0: { encoding: 3, blockElements: 32, blockBytes: 34 },
  Q4_0: { encoding: 4, blockElements: 32, blockBytes: 18 },
  Q4_1: { encoding: 5, blockElements: 32, blockBytes: 20 },
  Q4_K: { encoding: 6, blockElements: 256, blockBytes: 144 },
  Q6_K: { encoding: 7, blockElements: 256, blockBytes: 210 },
};

/** Bytes of a row of a type of `weightTypes`. */
export function rowBytes({ blockElements, blockBytes }: WeightType, columns: number): number {
  return Math.ceil(columns / blockElements) * blockBytes;
}

/** The file's row of each of `rows` rows from `rowStart` on; see `interleavedHeadRows`. */
export function interleavedRows(headRows: number, rowStart: number, rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, place) => {
    const row = rowStart + place;
    const inHead = row % headRows;
    const half = headRows / 2;
    return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
  });
}

/** Whether a name is that of a buffer of older exports that follows from the config, or of the output layer that may be tied to the embedding. */
export function isDerived(name: string): boolean {
  return /\.(?:rotary_emb\.inv_freq|masked_bias|attn\.bias)$|^lm_head\.weight$/.test(name);
}
