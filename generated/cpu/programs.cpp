#include "lib/program.h"

#include "kernels.h"

namespace ws {

namespace {

template <class T>
Matrix<T> matrix(const void* segments) {
  return Matrix<T>(*static_cast<const Segments*>(segments));
}

void run_add(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  add(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<bf16*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_add_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"residual", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

void run_add_rms_norm(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  add_rms_norm(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<bf16*>(memory[3]), static_cast<const bf16*>(memory[2]), static_cast<bf16*>(memory[4]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_add_rms_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"residual", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {256}},
    {"total", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

void run_apply_temperature(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  apply_temperature(batch, worker, R, static_cast<const float*>(memory[0]), static_cast<const float*>(memory[1]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_apply_temperature_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"temperature", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_count_tokens(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  count_tokens(batch, worker, R, static_cast<const int32_t*>(memory[0]), static_cast<const int32_t*>(memory[1]), static_cast<const int32_t*>(memory[2]), static_cast<int32_t*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_count_tokens_values[] = {
    {"usePenalties", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"stateRow", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"outputCounts", Kind::state, Storage::i32, -1, 0, 2, {-2, 2048}},
};

void run_dense_attention(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  dense_attention(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<const bf16*>(memory[2]), static_cast<bf16*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_dense_attention_values[] = {
    {"q", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"k", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"o", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

void run_embedding(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  embedding(batch, worker, T, static_cast<bf16*>(memory[2]), matrix<bf16>(memory[1]), static_cast<const int32_t*>(memory[0]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_embedding_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"table", Kind::weight, Storage::bf16, -1, 0, 2, {2048, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

void run_gelu_tanh_mul(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  gelu_tanh_mul(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<bf16*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_gelu_tanh_mul_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 1280}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 640}},
};

void run_head_norm(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  head_norm(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<bf16*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_head_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {64}},
    {"y", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

void run_keep_tokens(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  keep_tokens(batch, worker, R, static_cast<const int32_t*>(memory[0]), static_cast<int32_t*>(memory[2]), static_cast<const int32_t*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_keep_tokens_values[] = {
    {"keptRow", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"lastTokens", Kind::state, Storage::i32, -1, 0, 1, {-2}},
};

void run_known_tokens(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  known_tokens(batch, worker, T, static_cast<const int32_t*>(memory[0]), static_cast<const int32_t*>(memory[1]), static_cast<int32_t*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_known_tokens_values[] = {
    {"stepTokens", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"lastTokens", Kind::state, Storage::i32, -1, 0, 1, {-2}},
    {"ids", Kind::result, Storage::i32, -1, 0, 1, {-1}},
};

void run_linear(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  linear(batch, worker, T, static_cast<const bf16*>(memory[0]), matrix<bf16>(memory[1]), static_cast<bf16*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_linear_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {512, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 512}},
};

void run_linear_bias(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  linear_bias(batch, worker, T, static_cast<const bf16*>(memory[1]), matrix<bf16>(memory[2]), static_cast<const bf16*>(memory[0]), static_cast<bf16*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_linear_bias_values[] = {
    {"bias", Kind::weight, Storage::bf16, -1, 0, 1, {512}},
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {512, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 512}},
};

void run_lm_head(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  lm_head(batch, worker, R, static_cast<const bf16*>(memory[0]), matrix<bf16>(memory[1]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_lm_head_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {2048, 256}},
    {"logits", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_log_sum_exp(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  log_sum_exp(batch, worker, R, static_cast<const float*>(memory[0]), static_cast<float*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_log_sum_exp_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"y", Kind::result, Storage::f32, -1, 0, 1, {-1}},
};

void run_min_p(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  min_p(batch, worker, R, static_cast<const float*>(memory[1]), static_cast<const float*>(memory[0]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_min_p_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"p", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_paged_attention(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  paged_attention(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<bf16*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_paged_attention_values[] = {
    {"q", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"kv", Kind::state, Storage::bf16, -1, 256, 0, {0}},
    {"o", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

void run_penalize(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  penalize(batch, worker, R, static_cast<const int32_t*>(memory[0]), static_cast<const int32_t*>(memory[2]), static_cast<const int32_t*>(memory[1]), static_cast<const int32_t*>(memory[3]), static_cast<const float*>(memory[4]), static_cast<const float*>(memory[5]), static_cast<const float*>(memory[6]), static_cast<const float*>(memory[7]), static_cast<const float*>(memory[8]), static_cast<float*>(memory[9]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_penalize_values[] = {
    {"usePenalties", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"stateRow", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"outputCounts", Kind::state, Storage::i32, -1, 0, 2, {-2, 2048}},
    {"promptSeen", Kind::state, Storage::i32, -1, 0, 2, {-2, 2048}},
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"logitBias", Kind::state, Storage::f32, -1, 0, 2, {-2, 2048}},
    {"repetition", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"presence", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"frequency", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_rms_norm(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  rms_norm(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]), static_cast<bf16*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_rms_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

void run_rope(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  rope(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<const float*>(memory[1]), static_cast<const float*>(memory[2]), static_cast<bf16*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_rope_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"cosine", Kind::input, Storage::f32, -1, 0, 2, {-1, 32}},
    {"sine", Kind::input, Storage::f32, -1, 0, 2, {-1, 32}},
    {"y", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

void run_rope_table(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  rope_table(batch, worker, T, static_cast<const float*>(memory[0]), static_cast<float*>(memory[1]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_rope_table_values[] = {
    {"inverseFrequency", Kind::input, Storage::f32, -1, 0, 1, {32}},
    {"cosine", Kind::result, Storage::f32, -1, 0, 2, {-1, 32}},
    {"sine", Kind::result, Storage::f32, -1, 0, 2, {-1, 32}},
};

void run_sample(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  sample(batch, worker, R, static_cast<const float*>(memory[0]), static_cast<const float*>(memory[1]), static_cast<const int32_t*>(memory[2]), static_cast<const int32_t*>(memory[3]), static_cast<int32_t*>(memory[4]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_sample_values[] = {
    {"temperature", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"seed", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"position", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::result, Storage::i32, -1, 0, 1, {-1}},
};

void run_select_rows(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[1];
  select_rows(batch, worker, R, static_cast<bf16*>(memory[2]), static_cast<const bf16*>(memory[1]), static_cast<const int32_t*>(memory[0]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_select_rows_values[] = {
    {"rows", Kind::input, Storage::i32, -1, 0, 1, {-2}},
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-2, 256}},
};

void run_silu_mul(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  silu_mul(batch, worker, T, static_cast<const bf16*>(memory[0]), static_cast<bf16*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_silu_mul_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 1280}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 640}},
};

void run_split_heads(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  split_heads(batch, worker, T, static_cast<bf16*>(memory[1]), static_cast<const bf16*>(memory[0]), static_cast<bf16*>(memory[2]), static_cast<bf16*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_split_heads_values[] = {
    {"qkv", Kind::input, Storage::bf16, -1, 0, 3, {-1, 8, 64}},
    {"q", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"k", Kind::result, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::result, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
};

void run_store_kv(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  store_kv(batch, worker, T, static_cast<bf16*>(memory[2]), static_cast<const bf16*>(memory[0]), static_cast<const bf16*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_store_kv_values[] = {
    {"k", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"kv", Kind::state, Storage::bf16, -1, 256, 0, {0}},
};

void run_token_logprob(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  token_logprob(batch, worker, R, static_cast<const float*>(memory[2]), static_cast<const int32_t*>(memory[0]), static_cast<const int32_t*>(memory[1]), static_cast<const float*>(memory[3]), static_cast<float*>(memory[4]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_token_logprob_values[] = {
    {"targets", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"normalizer", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"logprob", Kind::result, Storage::f32, -1, 0, 1, {-1}},
};

void run_top_k(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  top_k(batch, worker, R, static_cast<const int32_t*>(memory[1]), static_cast<const float*>(memory[0]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_top_k_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"k", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_top_logprobs(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  top_logprobs(batch, worker, R, static_cast<const float*>(memory[1]), static_cast<const int32_t*>(memory[0]), static_cast<const float*>(memory[2]), static_cast<float*>(memory[3]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_top_logprobs_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 2, {-1, 20}},
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"normalizer", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"logprobs", Kind::result, Storage::f32, -1, 0, 2, {-1, 20}},
};

void run_top_p(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  top_p(batch, worker, R, static_cast<const float*>(memory[1]), static_cast<const float*>(memory[0]), static_cast<float*>(memory[2]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_top_p_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"p", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

void run_top_tokens(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  top_tokens(batch, worker, R, static_cast<const float*>(memory[0]), static_cast<int32_t*>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_top_tokens_values[] = {
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"ids", Kind::result, Storage::i32, -1, 0, 2, {-1, 20}},
};

void run_vocab_embedding(const Batch& batch, Worker& worker, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  vocab_embedding(batch, worker, T, static_cast<const int32_t*>(memory[0]), static_cast<bf16*>(memory[2]), matrix<bf16>(memory[1]));
  if (!worker.finish(0)) return;
}

const ValueInfo run_vocab_embedding_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"table", Kind::weight, Storage::bf16, -1, 0, 2, {1024, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

}  // namespace

const ProgramInfo programs[] = {
    {"add", run_add, run_add_values, 3, 0, 1, 1, 0},
    {"addRmsNorm", run_add_rms_norm, run_add_rms_norm_values, 5, 0, 1, 1, 0},
    {"applyTemperature", run_apply_temperature, run_apply_temperature_values, 3, 0, 1, 1, 0},
    {"countTokens", run_count_tokens, run_count_tokens_values, 4, 0, 2, 1, 0},
    {"denseAttention", run_dense_attention, run_dense_attention_values, 4, 0, 2, 1, 41280},
    {"embedding", run_embedding, run_embedding_values, 3, 0, 1, 1, 0},
    {"geluTanhMul", run_gelu_tanh_mul, run_gelu_tanh_mul_values, 2, 0, 1, 1, 0},
    {"headNorm", run_head_norm, run_head_norm_values, 3, 0, 1, 1, 0},
    {"keepTokens", run_keep_tokens, run_keep_tokens_values, 3, 0, 2, 1, 0},
    {"knownTokens", run_known_tokens, run_known_tokens_values, 3, 0, 2, 1, 0},
    {"linear", run_linear, run_linear_values, 3, 0, 1, 1, 24576},
    {"linearBias", run_linear_bias, run_linear_bias_values, 4, 0, 1, 1, 24576},
    {"lmHead", run_lm_head, run_lm_head_values, 3, 0, 1, 1, 24576},
    {"logSumExp", run_log_sum_exp, run_log_sum_exp_values, 2, 0, 1, 1, 0},
    {"minP", run_min_p, run_min_p_values, 3, 0, 1, 1, 0},
    {"pagedAttention", run_paged_attention, run_paged_attention_values, 3, 0, 2, 1, 41280},
    {"penalize", run_penalize, run_penalize_values, 10, 0, 2, 1, 0},
    {"rmsNorm", run_rms_norm, run_rms_norm_values, 3, 0, 1, 1, 0},
    {"rope", run_rope, run_rope_values, 4, 0, 1, 1, 0},
    {"ropeTable", run_rope_table, run_rope_table_values, 3, 0, 2, 1, 0},
    {"sample", run_sample, run_sample_values, 5, 0, 1, 1, 8192},
    {"selectRows", run_select_rows, run_select_rows_values, 3, 0, 2, 1, 0},
    {"siluMul", run_silu_mul, run_silu_mul_values, 2, 0, 1, 1, 0},
    {"splitHeads", run_split_heads, run_split_heads_values, 4, 0, 1, 1, 0},
    {"storeKv", run_store_kv, run_store_kv_values, 3, 0, 2, 1, 0},
    {"tokenLogprob", run_token_logprob, run_token_logprob_values, 5, 0, 1, 1, 0},
    {"topK", run_top_k, run_top_k_values, 3, 0, 1, 1, 0},
    {"topLogprobs", run_top_logprobs, run_top_logprobs_values, 4, 0, 1, 1, 0},
    {"topP", run_top_p, run_top_p_values, 3, 0, 1, 1, 0},
    {"topTokens", run_top_tokens, run_top_tokens_values, 2, 0, 1, 1, 128},
    {"vocabEmbedding", run_vocab_embedding, run_vocab_embedding_values, 3, 0, 1, 1, 0},
};
const int32_t program_count = 31;
const int32_t block_size = BLOCK_SIZE;

}  // namespace ws
