/** Typed access to the operators of the library in this folder. Written by warpsmith; an edit is lost with the next build. */
import { type CacheOptions, type NativeLibrary, OperatorHandle, type OperatorOptions, RaggedOperatorHandle } from 'warpsmith';

export interface AddTensors {
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** input, bf16[T, 256] */
  readonly residual: Uint16Array;
  /** output, bf16[T, 256] */
  readonly y: Uint16Array;
}

/** y[t, h] = x[t, h] + residual[t, h] */
export function add(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<AddTensors, 'T'> {
  return new OperatorHandle(library, 'add', options);
}

export interface AddRmsNormTensors {
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** input, bf16[T, 256] */
  readonly residual: Uint16Array;
  /** weight, bf16[256] */
  readonly weight: Uint16Array;
  /** output, bf16[T, 256] */
  readonly total: Uint16Array;
  /** output, bf16[T, 256] */
  readonly y: Uint16Array;
}

/**
 * total[t, h] = x[t, h] + residual[t, h]
 * y[t, h] = (x[t, h] + residual[t, h]) * rsqrt(sum(i < H, (x[t, i] + residual[t, i]) * (x[t, i] + residual[t, i])) / f32(H) + eps) * weight[h]
 */
export function addRmsNorm(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<AddRmsNormTensors, 'T'> {
  return new OperatorHandle(library, 'addRmsNorm', options);
}

export interface ApplyTemperatureTensors {
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** input, f32[R] */
  readonly temperature: Float32Array;
  /** output, f32[R, 2048] */
  readonly y: Float32Array;
}

/** y[r, v] = (x[r, v] - max(i < V, x[r, i])) / (temperature[r] > 0.0 ? temperature[r] : 1.0) */
export function applyTemperature(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<ApplyTemperatureTensors, 'R'> {
  return new OperatorHandle(library, 'applyTemperature', options);
}

export interface CountTokensTensors {
  /** input, i32[R] */
  readonly usePenalties: Int32Array;
  /** input, i32[R] */
  readonly stateRow: Int32Array;
  /** input, i32[R] */
  readonly token: Int32Array;
  /** state, i32[S, 2048] */
  readonly outputCounts: Int32Array;
}

/**
 * outputCounts = scatter r < R at [usePenalties[r] != 0 ? stateRow[r] : -1, token[r]]
 *   value = usePenalties[r] != 0 ? outputCounts[stateRow[r], token[r]] + 1 : 0
 */
export function countTokens(library: NativeLibrary, options: OperatorOptions<'R' | 'S'>): OperatorHandle<CountTokensTensors, 'R' | 'S'> {
  return new OperatorHandle(library, 'countTokens', options);
}

export interface DenseAttentionTensors {
  /** input, bf16[T, 4, 64] */
  readonly q: Uint16Array;
  /** input, bf16[T, 2, 64] */
  readonly k: Uint16Array;
  /** input, bf16[T, 2, 64] */
  readonly v: Uint16Array;
  /** output, bf16[T, 4, 64] */
  readonly o: Uint16Array;
}

/**
 * o[t, h, d] = attend j in [seqStart(seq(t)), t + 1)
 *   score scale * sum(d < D, q[t, h, d] * k[j, idiv(h, HQ / HK), d])
 *   value v[j, idiv(h, HQ / HK), d]
 */
export function denseAttention(library: NativeLibrary, options: OperatorOptions<'T' | 'B'>): RaggedOperatorHandle<DenseAttentionTensors> {
  return new RaggedOperatorHandle(library, 'denseAttention', options, { tokens: 'T', sequences: 'B' });
}

export interface EmbeddingTensors {
  /** input, i32[T] */
  readonly ids: Int32Array;
  /** weight, bf16[2048, 256] */
  readonly table: Uint16Array;
  /** output, bf16[T, 256] */
  readonly y: Uint16Array;
}

/** y[t, h] = table[ids[t], h] */
export function embedding(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<EmbeddingTensors, 'T'> {
  return new OperatorHandle(library, 'embedding', options);
}

export interface GeluTanhMulTensors {
  /** input, bf16[T, 1280] */
  readonly x: Uint16Array;
  /** output, bf16[T, 640] */
  readonly y: Uint16Array;
}

/** y[t, h] = 0.5 * x[t, h] * (1.0 + tanh(sqrt(0.6366197723675814) * (x[t, h] + 0.044715 * x[t, h] * x[t, h] * x[t, h]))) * x[t, H + h] */
export function geluTanhMul(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<GeluTanhMulTensors, 'T'> {
  return new OperatorHandle(library, 'geluTanhMul', options);
}

export interface HeadNormTensors {
  /** input, bf16[T, 4, 64] */
  readonly x: Uint16Array;
  /** weight, bf16[64] */
  readonly weight: Uint16Array;
  /** output, bf16[T, 4, 64] */
  readonly y: Uint16Array;
}

/** y[t, h, d] = x[t, h, d] * rsqrt(sum(i < D, x[t, h, i] * x[t, h, i]) / f32(D) + eps) * weight[d] */
export function headNorm(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<HeadNormTensors, 'T'> {
  return new OperatorHandle(library, 'headNorm', options);
}

export interface KeepTokensTensors {
  /** input, i32[R] */
  readonly keptRow: Int32Array;
  /** input, i32[R] */
  readonly token: Int32Array;
  /** state, i32[S] */
  readonly lastTokens: Int32Array;
}

/**
 * lastTokens = scatter r < R at [keptRow[r]]
 *   value = token[r]
 */
export function keepTokens(library: NativeLibrary, options: OperatorOptions<'R' | 'S'>): OperatorHandle<KeepTokensTensors, 'R' | 'S'> {
  return new OperatorHandle(library, 'keepTokens', options);
}

export interface KnownTokensTensors {
  /** input, i32[T] */
  readonly stepTokens: Int32Array;
  /** state, i32[S] */
  readonly lastTokens: Int32Array;
  /** output, i32[T] */
  readonly ids: Int32Array;
}

/** ids[t] = stepTokens[t] < 0 ? lastTokens[-1 - stepTokens[t]] : stepTokens[t] */
export function knownTokens(library: NativeLibrary, options: OperatorOptions<'T' | 'S'>): OperatorHandle<KnownTokensTensors, 'T' | 'S'> {
  return new OperatorHandle(library, 'knownTokens', options);
}

export interface LinearTensors {
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** weight, bf16[512, 256] */
  readonly weight: Uint16Array;
  /** output, bf16[T, 512] */
  readonly y: Uint16Array;
}

/** y[t, n] = sum(k < K, x[t, k] * weight[n, k]) */
export function linear(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<LinearTensors, 'T'> {
  return new OperatorHandle(library, 'linear', options);
}

export interface LinearBiasTensors {
  /** weight, bf16[512] */
  readonly bias: Uint16Array;
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** weight, bf16[512, 256] */
  readonly weight: Uint16Array;
  /** output, bf16[T, 512] */
  readonly y: Uint16Array;
}

/** y[t, n] = sum(k < K, x[t, k] * weight[n, k]) + bias[n] */
export function linearBias(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<LinearBiasTensors, 'T'> {
  return new OperatorHandle(library, 'linearBias', options);
}

export interface LmHeadTensors {
  /** input, bf16[R, 256] */
  readonly x: Uint16Array;
  /** weight, bf16[2048, 256] */
  readonly weight: Uint16Array;
  /** output, f32[R, 2048] */
  readonly logits: Float32Array;
}

/** logits[r, v] = sum(h < H, x[r, h] * weight[v, h]) */
export function lmHead(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<LmHeadTensors, 'R'> {
  return new OperatorHandle(library, 'lmHead', options);
}

export interface LogSumExpTensors {
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** output, f32[R] */
  readonly y: Float32Array;
}

/** y[r] = max(v < V, x[r, v]) + log(sum(v < V, exp(x[r, v] - max(v < V, x[r, v])))) */
export function logSumExp(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<LogSumExpTensors, 'R'> {
  return new OperatorHandle(library, 'logSumExp', options);
}

export interface MinPTensors {
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** input, f32[R] */
  readonly p: Float32Array;
  /** output, f32[R, 2048] */
  readonly y: Float32Array;
}

/** y[r, v] = x[r, v] >= (p[r] > 0.0 ? max(i < V, x[r, i]) + log(p[r]) : -Infinity) ? x[r, v] : -Infinity */
export function minP(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<MinPTensors, 'R'> {
  return new OperatorHandle(library, 'minP', options);
}

export interface PagedAttentionTensors {
  /** input, bf16[T, 4, 64] */
  readonly q: Uint16Array;
  /** state, bf16[numBlocks, block size * 256] */
  readonly kv: Uint16Array;
  /** output, bf16[T, 4, 64] */
  readonly o: Uint16Array;
}

/**
 * o[t, h, d] = attend j in [0, pos(t) + 1)
 *   score scale * sum(d < D, q[t, h, d] * kv.k[seq(t), j, idiv(h, HQ / HK), d])
 *   value kv.v[seq(t), j, idiv(h, HQ / HK), d]
 */
export function pagedAttention(library: NativeLibrary, options: OperatorOptions<'T' | 'B'> & CacheOptions): RaggedOperatorHandle<PagedAttentionTensors> {
  return new RaggedOperatorHandle(library, 'pagedAttention', options, { tokens: 'T', sequences: 'B' });
}

export interface PenalizeTensors {
  /** input, i32[R] */
  readonly usePenalties: Int32Array;
  /** input, i32[R] */
  readonly stateRow: Int32Array;
  /** state, i32[S, 2048] */
  readonly outputCounts: Int32Array;
  /** state, i32[S, 2048] */
  readonly promptSeen: Int32Array;
  /** input, f32[R, 2048] */
  readonly logits: Float32Array;
  /** state, f32[S, 2048] */
  readonly logitBias: Float32Array;
  /** input, f32[R] */
  readonly repetition: Float32Array;
  /** input, f32[R] */
  readonly presence: Float32Array;
  /** input, f32[R] */
  readonly frequency: Float32Array;
  /** output, f32[R, 2048] */
  readonly y: Float32Array;
}

/** y[r, v] = usePenalties[r] != 0 ? (outputCounts[stateRow[r], v] > 0 || promptSeen[stateRow[r], v] > 0 ? (logits[r, v] + logitBias[stateRow[r], v] > 0.0 ? (logits[r, v] + logitBias[stateRow[r], v]) / repetition[r] : (logits[r, v] + logitBias[stateRow[r], v]) * repetition[r]) : logits[r, v] + logitBias[stateRow[r], v]) - (outputCounts[stateRow[r], v] > 0 ? presence[r] : 0.0) - frequency[r] * f32(outputCounts[stateRow[r], v]) : logits[r, v] */
export function penalize(library: NativeLibrary, options: OperatorOptions<'R' | 'S'>): OperatorHandle<PenalizeTensors, 'R' | 'S'> {
  return new OperatorHandle(library, 'penalize', options);
}

export interface RmsNormTensors {
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** weight, bf16[256] */
  readonly weight: Uint16Array;
  /** output, bf16[T, 256] */
  readonly y: Uint16Array;
}

/** y[t, h] = x[t, h] * rsqrt(sum(i < H, x[t, i] * x[t, i]) / f32(H) + eps) * weight[h] */
export function rmsNorm(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<RmsNormTensors, 'T'> {
  return new OperatorHandle(library, 'rmsNorm', options);
}

export interface RopeTensors {
  /** input, bf16[T, 4, 64] */
  readonly x: Uint16Array;
  /** input, f32[T, 32] */
  readonly cosine: Float32Array;
  /** input, f32[T, 32] */
  readonly sine: Float32Array;
  /** output, bf16[T, 4, 64] */
  readonly y: Uint16Array;
}

/** y[t, h, d] = d < F ? x[t, h, d] * cosine[t, d] - x[t, h, d + F] * sine[t, d] : x[t, h, d] * cosine[t, d - F] + x[t, h, d - F] * sine[t, d - F] */
export function rope(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<RopeTensors, 'T'> {
  return new OperatorHandle(library, 'rope', options);
}

export interface RopeTableTensors {
  /** input, f32[32] */
  readonly inverseFrequency: Float32Array;
  /** output, f32[T, 32] */
  readonly cosine: Float32Array;
  /** output, f32[T, 32] */
  readonly sine: Float32Array;
}

/**
 * cosine[t, f] = scale * cos(f32(pos(t)) * inverseFrequency[f])
 * sine[t, f] = scale * sin(f32(pos(t)) * inverseFrequency[f])
 */
export function ropeTable(library: NativeLibrary, options: OperatorOptions<'T' | 'B'>): RaggedOperatorHandle<RopeTableTensors> {
  return new RaggedOperatorHandle(library, 'ropeTable', options, { tokens: 'T', sequences: 'B' });
}

export interface SampleTensors {
  /** input, f32[R] */
  readonly temperature: Float32Array;
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** input, i32[R] */
  readonly seed: Int32Array;
  /** input, i32[R] */
  readonly position: Int32Array;
  /** output, i32[R] */
  readonly token: Int32Array;
}

/** token[r] = argmax(v < V, temperature[r] > 0.0 ? x[r, v] + gumbel(seed[r], position[r], v) : x[r, v]) */
export function sample(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<SampleTensors, 'R'> {
  return new OperatorHandle(library, 'sample', options);
}

export interface SelectRowsTensors {
  /** input, i32[R] */
  readonly rows: Int32Array;
  /** input, bf16[T, 256] */
  readonly x: Uint16Array;
  /** output, bf16[R, 256] */
  readonly y: Uint16Array;
}

/** y[r, h] = x[rows[r], h] */
export function selectRows(library: NativeLibrary, options: OperatorOptions<'T' | 'R'>): OperatorHandle<SelectRowsTensors, 'T' | 'R'> {
  return new OperatorHandle(library, 'selectRows', options);
}

export interface SiluMulTensors {
  /** input, bf16[T, 1280] */
  readonly x: Uint16Array;
  /** output, bf16[T, 640] */
  readonly y: Uint16Array;
}

/** y[t, h] = (x[t, h] / (1.0 + exp(-x[t, h]))) * x[t, H + h] */
export function siluMul(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<SiluMulTensors, 'T'> {
  return new OperatorHandle(library, 'siluMul', options);
}

export interface SplitHeadsTensors {
  /** input, bf16[T, 8, 64] */
  readonly qkv: Uint16Array;
  /** output, bf16[T, 4, 64] */
  readonly q: Uint16Array;
  /** output, bf16[T, 2, 64] */
  readonly k: Uint16Array;
  /** output, bf16[T, 2, 64] */
  readonly v: Uint16Array;
}

/**
 * q[t, h, d] = qkv[t, h, d]
 * k[t, h, d] = qkv[t, HQ + h, d]
 * v[t, h, d] = qkv[t, HQ + HK + h, d]
 */
export function splitHeads(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<SplitHeadsTensors, 'T'> {
  return new OperatorHandle(library, 'splitHeads', options);
}

export interface StoreKvTensors {
  /** input, bf16[T, 2, 64] */
  readonly k: Uint16Array;
  /** input, bf16[T, 2, 64] */
  readonly v: Uint16Array;
  /** state, bf16[numBlocks, block size * 256] */
  readonly kv: Uint16Array;
}

/**
 * kv = scatter t < T at [slot(t)]
 *   k[h, d] = k[t, h, d]
 *   v[h, d] = v[t, h, d]
 */
export function storeKv(library: NativeLibrary, options: OperatorOptions<'T' | 'B'> & CacheOptions): RaggedOperatorHandle<StoreKvTensors> {
  return new RaggedOperatorHandle(library, 'storeKv', options, { tokens: 'T', sequences: 'B' });
}

export interface TokenLogprobTensors {
  /** input, i32[R] */
  readonly targets: Int32Array;
  /** input, i32[R] */
  readonly token: Int32Array;
  /** input, f32[R, 2048] */
  readonly logits: Float32Array;
  /** input, f32[R] */
  readonly normalizer: Float32Array;
  /** output, f32[R] */
  readonly logprob: Float32Array;
}

/** logprob[r] = logits[r, targets[r] >= 0 ? targets[r] : token[r]] - normalizer[r] */
export function tokenLogprob(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<TokenLogprobTensors, 'R'> {
  return new OperatorHandle(library, 'tokenLogprob', options);
}

export interface TopKTensors {
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** input, i32[R] */
  readonly k: Int32Array;
  /** output, f32[R, 2048] */
  readonly y: Float32Array;
}

/** y[r, v] = x[r, v] >= (k[r] > 0 && k[r] < V ? kthLargest(i < V, k[r], x[r, i]) : -Infinity) ? x[r, v] : -Infinity */
export function topK(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<TopKTensors, 'R'> {
  return new OperatorHandle(library, 'topK', options);
}

export interface TopLogprobsTensors {
  /** input, i32[R, 20] */
  readonly ids: Int32Array;
  /** input, f32[R, 2048] */
  readonly logits: Float32Array;
  /** input, f32[R] */
  readonly normalizer: Float32Array;
  /** output, f32[R, 20] */
  readonly logprobs: Float32Array;
}

/** logprobs[r, n] = logits[r, ids[r, n]] - normalizer[r] */
export function topLogprobs(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<TopLogprobsTensors, 'R'> {
  return new OperatorHandle(library, 'topLogprobs', options);
}

export interface TopPTensors {
  /** input, f32[R, 2048] */
  readonly x: Float32Array;
  /** input, f32[R] */
  readonly p: Float32Array;
  /** output, f32[R, 2048] */
  readonly y: Float32Array;
}

/** y[r, v] = x[r, v] >= (p[r] < 1.0 ? massThreshold(i < V, p[r], x[r, i]) : -Infinity) ? x[r, v] : -Infinity */
export function topP(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<TopPTensors, 'R'> {
  return new OperatorHandle(library, 'topP', options);
}

export interface TopTokensTensors {
  /** input, f32[R, 2048] */
  readonly logits: Float32Array;
  /** output, i32[R, 20] */
  readonly ids: Int32Array;
}

/** ids[r, n] = topN(v < V, n, N, logits[r, v]) */
export function topTokens(library: NativeLibrary, options: OperatorOptions<'R'>): OperatorHandle<TopTokensTensors, 'R'> {
  return new OperatorHandle(library, 'topTokens', options);
}

export interface VocabEmbeddingTensors {
  /** input, i32[T] */
  readonly ids: Int32Array;
  /** weight, bf16[1024, 256] */
  readonly table: Uint16Array;
  /** output, bf16[T, 256] */
  readonly y: Uint16Array;
}

/** y[t, h] = ids[t] - first >= 0 && ids[t] - first < V ? table[ids[t] - first, h] : 0.0 */
export function vocabEmbedding(library: NativeLibrary, options: OperatorOptions<'T'>): OperatorHandle<VocabEmbeddingTensors, 'T'> {
  return new OperatorHandle(library, 'vocabEmbedding', options);
}
