#include "lib/program.h"

#include "lib/launcher.h"

namespace ws {

namespace {

void run_add(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 0 /* add */, T, 64, 256, batch, T, memory[2], memory[0], memory[1]);
}

const ValueInfo run_add_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"residual", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

const LaunchInfo run_add_launches[] = {
    {0, "add.y", ""},
};

void run_add_rms_norm(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 1 /* add_rms_norm */, T, 64, 256, batch, T, memory[3], memory[0], memory[1], memory[4], memory[2]);
}

const ValueInfo run_add_rms_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"residual", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {256}},
    {"total", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

const LaunchInfo run_add_rms_norm_launches[] = {
    {1, "addRmsNorm.total, addRmsNorm.y", ""},
};

void run_apply_temperature(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 2 /* apply_temperature */, R, 256, 1024, batch, R, memory[0], memory[2], memory[1]);
}

const ValueInfo run_apply_temperature_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"temperature", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

const LaunchInfo run_apply_temperature_launches[] = {
    {2, "applyTemperature.y", ""},
};

void run_count_tokens(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 3 /* count_tokens */, (R + 3) / 4, 128, 0, batch, R, memory[0], memory[1], memory[2], memory[3]);
}

const ValueInfo run_count_tokens_values[] = {
    {"usePenalties", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"stateRow", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"outputCounts", Kind::state, Storage::i32, -1, 0, 2, {-2, 2048}},
};

const LaunchInfo run_count_tokens_launches[] = {
    {3, "countTokens.outputCounts", ""},
};

void run_dense_attention(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 4 /* dense_attention_lone */, batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3), 128, 35968, batch, T, memory[0], memory[1], memory[2], memory[3], launch.workspace(int64_t(batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3)) * 528));
  launch(1, 5 /* dense_attention_lone_join */, (batch.key_parts(batch.lone_token_count * 2, 3) > 1 ? batch.lone_token_count * 2 : 0), 256, 264, batch, T, memory[3], launch.workspace(int64_t(batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3)) * 528));
  launch(2, 6 /* dense_attention */, (batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2)), 128, 42496, batch, T, memory[0], memory[1], memory[2], memory[3], launch.workspace(int64_t((batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2))) * 16896));
  launch(3, 7 /* dense_attention_join */, (batch.piece_count(64) * 2 >= 512 ? 0 : (batch.key_parts(batch.piece_count(32) * 2, 2) > 1 ? batch.piece_count(32) * 16 : 0)), 256, 1056, batch, T, memory[3], launch.workspace(int64_t((batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2))) * 16896));
  launch(4, 8 /* dense_attention_large */, (batch.piece_count(64) * 2 >= 512 ? batch.piece_count(64) * 2 : 0), 128, 37888, batch, T, memory[0], memory[1], memory[2], memory[3]);
}

const ValueInfo run_dense_attention_values[] = {
    {"q", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"k", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"o", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

const LaunchInfo run_dense_attention_launches[] = {
    {4, "denseAttention.o", ""},
    {5, "denseAttention.o", ""},
    {6, "denseAttention.o", ""},
    {7, "denseAttention.o", ""},
    {8, "denseAttention.o", ""},
};

void run_embedding(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 9 /* embedding */, T, 64, 256, batch, T, memory[2], memory[1], memory[0]);
}

const ValueInfo run_embedding_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"table", Kind::weight, Storage::bf16, -1, 0, 2, {2048, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

const LaunchInfo run_embedding_launches[] = {
    {9, "embedding.y", ""},
};

void run_gelu_tanh_mul(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 10 /* gelu_tanh_mul */, T, 128, 512, batch, T, memory[0], memory[1]);
}

const ValueInfo run_gelu_tanh_mul_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 1280}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 640}},
};

const LaunchInfo run_gelu_tanh_mul_launches[] = {
    {10, "geluTanhMul.y", ""},
};

void run_head_norm(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 11 /* head_norm */, T, 128, 512, batch, T, memory[0], memory[2], memory[1]);
}

const ValueInfo run_head_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {64}},
    {"y", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

const LaunchInfo run_head_norm_launches[] = {
    {11, "headNorm.y", ""},
};

void run_keep_tokens(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 12 /* keep_tokens */, (R + 3) / 4, 128, 0, batch, R, memory[0], memory[2], memory[1]);
}

const ValueInfo run_keep_tokens_values[] = {
    {"keptRow", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"lastTokens", Kind::state, Storage::i32, -1, 0, 1, {-2}},
};

const LaunchInfo run_keep_tokens_launches[] = {
    {12, "keepTokens.lastTokens", ""},
};

void run_known_tokens(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 13 /* known_tokens */, (T + 3) / 4, 128, 0, batch, T, memory[0], memory[1], memory[2]);
}

const ValueInfo run_known_tokens_values[] = {
    {"stepTokens", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"lastTokens", Kind::state, Storage::i32, -1, 0, 1, {-2}},
    {"ids", Kind::result, Storage::i32, -1, 0, 1, {-1}},
};

const LaunchInfo run_known_tokens_launches[] = {
    {13, "knownTokens.ids", ""},
};

void run_linear(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 14 /* linear_few */, T <= 32 ? (T + 31) / 32 * 32 : 0, 64, 4096, batch, T, memory[0], memory[1], memory[2]);
  launch(1, 15 /* linear */, T >= 33 && T <= 3071 ? (T + 63) / 64 * 8 : 0, 128, 81920, batch, T, memory[0], memory[1], memory[2]);
  launch(2, 16 /* linear_large */, T >= 3072 ? (T + 127) / 128 * 4 : 0, 256, 98304, batch, T, memory[0], memory[1], memory[2]);
}

const ValueInfo run_linear_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {512, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 512}},
};

const LaunchInfo run_linear_launches[] = {
    {14, "linear.y", ""},
    {15, "linear.y", ""},
    {16, "linear.y", ""},
};

void run_linear_bias(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 17 /* linear_bias_few */, T <= 32 ? (T + 31) / 32 * 32 : 0, 64, 4096, batch, T, memory[1], memory[2], memory[0], memory[3]);
  launch(1, 18 /* linear_bias */, T >= 33 && T <= 3071 ? (T + 63) / 64 * 8 : 0, 128, 81920, batch, T, memory[1], memory[2], memory[0], memory[3]);
  launch(2, 19 /* linear_bias_large */, T >= 3072 ? (T + 127) / 128 * 4 : 0, 256, 98304, batch, T, memory[1], memory[2], memory[0], memory[3]);
}

const ValueInfo run_linear_bias_values[] = {
    {"bias", Kind::weight, Storage::bf16, -1, 0, 1, {512}},
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {512, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 512}},
};

const LaunchInfo run_linear_bias_launches[] = {
    {17, "linearBias.y", ""},
    {18, "linearBias.y", ""},
    {19, "linearBias.y", ""},
};

void run_lm_head(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 20 /* lm_head_few */, R <= 32 ? (R + 31) / 32 * 128 : 0, 64, 4096, batch, R, memory[0], memory[1], memory[2]);
  launch(1, 21 /* lm_head */, R >= 33 && R <= 767 ? (R + 63) / 64 * 32 : 0, 128, 81920, batch, R, memory[0], memory[1], memory[2]);
  launch(2, 22 /* lm_head_large */, R >= 768 ? (R + 127) / 128 * 16 : 0, 256, 98304, batch, R, memory[0], memory[1], memory[2]);
}

const ValueInfo run_lm_head_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 2, {2048, 256}},
    {"logits", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

const LaunchInfo run_lm_head_launches[] = {
    {20, "lmHead.logits", ""},
    {21, "lmHead.logits", ""},
    {22, "lmHead.logits", ""},
};

void run_log_sum_exp(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 23 /* log_sum_exp */, R, 256, 1024, batch, R, memory[0], memory[1]);
}

const ValueInfo run_log_sum_exp_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"y", Kind::result, Storage::f32, -1, 0, 1, {-1}},
};

const LaunchInfo run_log_sum_exp_launches[] = {
    {23, "logSumExp.y", ""},
};

void run_min_p(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 24 /* min_p */, R, 256, 1024, batch, R, memory[1], memory[0], memory[2]);
}

const ValueInfo run_min_p_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"p", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

const LaunchInfo run_min_p_launches[] = {
    {24, "minP.y", ""},
};

void run_paged_attention(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 25 /* paged_attention_lone */, batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3), 128, 35968, batch, T, memory[0], memory[1], memory[2], launch.workspace(int64_t(batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3)) * 528));
  launch(1, 26 /* paged_attention_lone_join */, (batch.key_parts(batch.lone_token_count * 2, 3) > 1 ? batch.lone_token_count * 2 : 0), 256, 264, batch, T, memory[2], launch.workspace(int64_t(batch.lone_token_count * 2 * batch.key_parts(batch.lone_token_count * 2, 3)) * 528));
  launch(2, 27 /* paged_attention */, (batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2)), 128, 42496, batch, T, memory[0], memory[1], memory[2], launch.workspace(int64_t((batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2))) * 16896));
  launch(3, 28 /* paged_attention_join */, (batch.piece_count(64) * 2 >= 512 ? 0 : (batch.key_parts(batch.piece_count(32) * 2, 2) > 1 ? batch.piece_count(32) * 16 : 0)), 256, 1056, batch, T, memory[2], launch.workspace(int64_t((batch.piece_count(64) * 2 >= 512 ? 0 : batch.piece_count(32) * 2 * batch.key_parts(batch.piece_count(32) * 2, 2))) * 16896));
  launch(4, 29 /* paged_attention_large */, (batch.piece_count(64) * 2 >= 512 ? batch.piece_count(64) * 2 : 0), 128, 37888, batch, T, memory[0], memory[1], memory[2]);
}

const ValueInfo run_paged_attention_values[] = {
    {"q", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"kv", Kind::state, Storage::bf16, -1, 256, 0, {0}},
    {"o", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

const LaunchInfo run_paged_attention_launches[] = {
    {25, "pagedAttention.o", ""},
    {26, "pagedAttention.o", ""},
    {27, "pagedAttention.o", ""},
    {28, "pagedAttention.o", ""},
    {29, "pagedAttention.o", ""},
};

void run_penalize(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 30 /* penalize */, R, 256, 1024, batch, R, memory[9], memory[0], memory[2], memory[1], memory[3], memory[4], memory[5], memory[6], memory[7], memory[8]);
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

const LaunchInfo run_penalize_launches[] = {
    {30, "penalize.y", ""},
};

void run_rms_norm(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 31 /* rms_norm */, T, 64, 256, batch, T, memory[0], memory[2], memory[1]);
}

const ValueInfo run_rms_norm_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"weight", Kind::weight, Storage::bf16, -1, 0, 1, {256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

const LaunchInfo run_rms_norm_launches[] = {
    {31, "rmsNorm.y", ""},
};

void run_rope(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 32 /* rope */, T, 128, 512, batch, T, memory[0], memory[1], memory[2], memory[3]);
}

const ValueInfo run_rope_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"cosine", Kind::input, Storage::f32, -1, 0, 2, {-1, 32}},
    {"sine", Kind::input, Storage::f32, -1, 0, 2, {-1, 32}},
    {"y", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
};

const LaunchInfo run_rope_launches[] = {
    {32, "rope.y", ""},
};

void run_rope_table(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 33 /* rope_table */, (T + 3) / 4, 128, 0, batch, T, memory[0], memory[1], memory[2]);
}

const ValueInfo run_rope_table_values[] = {
    {"inverseFrequency", Kind::input, Storage::f32, -1, 0, 1, {32}},
    {"cosine", Kind::result, Storage::f32, -1, 0, 2, {-1, 32}},
    {"sine", Kind::result, Storage::f32, -1, 0, 2, {-1, 32}},
};

const LaunchInfo run_rope_table_launches[] = {
    {33, "ropeTable.cosine, ropeTable.sine", ""},
};

void run_sample(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 34 /* sample */, R, 256, 9216, batch, R, memory[0], memory[1], memory[2], memory[3], memory[4]);
}

const ValueInfo run_sample_values[] = {
    {"temperature", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"seed", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"position", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::result, Storage::i32, -1, 0, 1, {-1}},
};

const LaunchInfo run_sample_launches[] = {
    {34, "sample.token", ""},
};

void run_select_rows(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[1];
  launch(0, 35 /* select_rows */, R, 64, 256, batch, R, memory[2], memory[1], memory[0]);
}

const ValueInfo run_select_rows_values[] = {
    {"rows", Kind::input, Storage::i32, -1, 0, 1, {-2}},
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-2, 256}},
};

const LaunchInfo run_select_rows_launches[] = {
    {35, "selectRows.y", ""},
};

void run_silu_mul(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 36 /* silu_mul */, T, 128, 512, batch, T, memory[0], memory[1]);
}

const ValueInfo run_silu_mul_values[] = {
    {"x", Kind::input, Storage::bf16, -1, 0, 2, {-1, 1280}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 640}},
};

const LaunchInfo run_silu_mul_launches[] = {
    {36, "siluMul.y", ""},
};

void run_split_heads(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 37 /* split_heads */, T, 256, 1024, batch, T, memory[1], memory[0], memory[2], memory[3]);
}

const ValueInfo run_split_heads_values[] = {
    {"qkv", Kind::input, Storage::bf16, -1, 0, 3, {-1, 8, 64}},
    {"q", Kind::result, Storage::bf16, -1, 0, 3, {-1, 4, 64}},
    {"k", Kind::result, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::result, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
};

const LaunchInfo run_split_heads_launches[] = {
    {37, "splitHeads.q, splitHeads.k, splitHeads.v", ""},
};

void run_store_kv(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 38 /* store_kv */, T, 64, 256, batch, T, memory[2], memory[0], memory[1]);
}

const ValueInfo run_store_kv_values[] = {
    {"k", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"v", Kind::input, Storage::bf16, -1, 0, 3, {-1, 2, 64}},
    {"kv", Kind::state, Storage::bf16, -1, 256, 0, {0}},
};

const LaunchInfo run_store_kv_launches[] = {
    {38, "storeKv.kv", ""},
};

void run_token_logprob(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 39 /* token_logprob */, (R + 3) / 4, 128, 0, batch, R, memory[2], memory[0], memory[1], memory[3], memory[4]);
}

const ValueInfo run_token_logprob_values[] = {
    {"targets", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"token", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"normalizer", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"logprob", Kind::result, Storage::f32, -1, 0, 1, {-1}},
};

const LaunchInfo run_token_logprob_launches[] = {
    {39, "tokenLogprob.logprob", ""},
};

void run_top_k(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 40 /* top_k */, R, 256, 1024, batch, R, memory[1], memory[0], memory[2]);
}

const ValueInfo run_top_k_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"k", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

const LaunchInfo run_top_k_launches[] = {
    {40, "topK.y", ""},
};

void run_top_logprobs(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 41 /* top_logprobs */, (R + 3) / 4, 128, 0, batch, R, memory[1], memory[0], memory[2], memory[3]);
}

const ValueInfo run_top_logprobs_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 2, {-1, 20}},
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"normalizer", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"logprobs", Kind::result, Storage::f32, -1, 0, 2, {-1, 20}},
};

const LaunchInfo run_top_logprobs_launches[] = {
    {41, "topLogprobs.logprobs", ""},
};

void run_top_p(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 42 /* top_p */, R, 256, 1024, batch, R, memory[1], memory[0], memory[2]);
}

const ValueInfo run_top_p_values[] = {
    {"x", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"p", Kind::input, Storage::f32, -1, 0, 1, {-1}},
    {"y", Kind::result, Storage::f32, -1, 0, 2, {-1, 2048}},
};

const LaunchInfo run_top_p_launches[] = {
    {42, "topP.y", ""},
};

void run_top_tokens(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int R = counts[0];
  launch(0, 43 /* top_tokens */, R, 256, 1104, batch, R, memory[0], memory[1]);
}

const ValueInfo run_top_tokens_values[] = {
    {"logits", Kind::input, Storage::f32, -1, 0, 2, {-1, 2048}},
    {"ids", Kind::result, Storage::i32, -1, 0, 2, {-1, 20}},
};

const LaunchInfo run_top_tokens_launches[] = {
    {43, "topTokens.ids", ""},
};

void run_vocab_embedding(Launcher& launch, const Batch& batch, void* const* memory, const int32_t* counts) {
  const int T = counts[0];
  launch(0, 44 /* vocab_embedding */, T, 64, 256, batch, T, memory[2], memory[0], memory[1]);
}

const ValueInfo run_vocab_embedding_values[] = {
    {"ids", Kind::input, Storage::i32, -1, 0, 1, {-1}},
    {"table", Kind::weight, Storage::bf16, -1, 0, 2, {1024, 256}},
    {"y", Kind::result, Storage::bf16, -1, 0, 2, {-1, 256}},
};

const LaunchInfo run_vocab_embedding_launches[] = {
    {44, "vocabEmbedding.y", ""},
};

}  // namespace

const KernelInfo kernels[] = {
    {"add", 0, 256, 0, 0},
    {"add_rms_norm", 0, 256, 0, 0},
    {"apply_temperature", 0, 1024, 0, 0},
    {"count_tokens", 0, 0, 0, 0},
    {"dense_attention_lone", 2, 35968, 0, 0},
    {"dense_attention_lone_join", 2, 264, 0, 0},
    {"dense_attention", 2, 42496, 0, 0},
    {"dense_attention_join", 2, 1056, 0, 0},
    {"dense_attention_large", 2, 37888, 0, 0},
    {"embedding", 0, 256, 0, 0},
    {"gelu_tanh_mul", 0, 512, 0, 0},
    {"head_norm", 0, 512, 0, 0},
    {"keep_tokens", 0, 0, 0, 0},
    {"known_tokens", 0, 0, 0, 0},
    {"linear_few", 1, 4096, 0, 0},
    {"linear", 1, 81920, 0, 0},
    {"linear_large", 1, 98304, 0, 0},
    {"linear_bias_few", 1, 4096, 0, 0},
    {"linear_bias", 1, 81920, 0, 0},
    {"linear_bias_large", 1, 98304, 0, 0},
    {"lm_head_few", 1, 4096, 0, 0},
    {"lm_head", 1, 81920, 0, 0},
    {"lm_head_large", 1, 98304, 0, 0},
    {"log_sum_exp", 0, 1024, 0, 0},
    {"min_p", 0, 1024, 0, 0},
    {"paged_attention_lone", 2, 35968, 0, 0},
    {"paged_attention_lone_join", 2, 264, 0, 0},
    {"paged_attention", 2, 42496, 0, 0},
    {"paged_attention_join", 2, 1056, 0, 0},
    {"paged_attention_large", 2, 37888, 0, 0},
    {"penalize", 0, 1024, 0, 0},
    {"rms_norm", 0, 256, 0, 0},
    {"rope", 0, 512, 0, 0},
    {"rope_table", 0, 0, 0, 0},
    {"sample", 0, 9216, 0, 0},
    {"select_rows", 0, 256, 0, 0},
    {"silu_mul", 0, 512, 0, 0},
    {"split_heads", 0, 1024, 0, 0},
    {"store_kv", 0, 256, 0, 0},
    {"token_logprob", 0, 0, 0, 0},
    {"top_k", 0, 1024, 0, 0},
    {"top_logprobs", 0, 0, 0, 0},
    {"top_p", 0, 1024, 0, 0},
    {"top_tokens", 0, 1104, 0, 0},
    {"vocab_embedding", 0, 256, 0, 0},
};
const int32_t kernel_count = 45;

const ProgramInfo programs[] = {
    {"add", run_add, run_add_values, run_add_launches, 3, 0, 1, 1},
    {"addRmsNorm", run_add_rms_norm, run_add_rms_norm_values, run_add_rms_norm_launches, 5, 0, 1, 1},
    {"applyTemperature", run_apply_temperature, run_apply_temperature_values, run_apply_temperature_launches, 3, 0, 1, 1},
    {"countTokens", run_count_tokens, run_count_tokens_values, run_count_tokens_launches, 4, 0, 2, 1},
    {"denseAttention", run_dense_attention, run_dense_attention_values, run_dense_attention_launches, 4, 0, 2, 5},
    {"embedding", run_embedding, run_embedding_values, run_embedding_launches, 3, 0, 1, 1},
    {"geluTanhMul", run_gelu_tanh_mul, run_gelu_tanh_mul_values, run_gelu_tanh_mul_launches, 2, 0, 1, 1},
    {"headNorm", run_head_norm, run_head_norm_values, run_head_norm_launches, 3, 0, 1, 1},
    {"keepTokens", run_keep_tokens, run_keep_tokens_values, run_keep_tokens_launches, 3, 0, 2, 1},
    {"knownTokens", run_known_tokens, run_known_tokens_values, run_known_tokens_launches, 3, 0, 2, 1},
    {"linear", run_linear, run_linear_values, run_linear_launches, 3, 0, 1, 3},
    {"linearBias", run_linear_bias, run_linear_bias_values, run_linear_bias_launches, 4, 0, 1, 3},
    {"lmHead", run_lm_head, run_lm_head_values, run_lm_head_launches, 3, 0, 1, 3},
    {"logSumExp", run_log_sum_exp, run_log_sum_exp_values, run_log_sum_exp_launches, 2, 0, 1, 1},
    {"minP", run_min_p, run_min_p_values, run_min_p_launches, 3, 0, 1, 1},
    {"pagedAttention", run_paged_attention, run_paged_attention_values, run_paged_attention_launches, 3, 0, 2, 5},
    {"penalize", run_penalize, run_penalize_values, run_penalize_launches, 10, 0, 2, 1},
    {"rmsNorm", run_rms_norm, run_rms_norm_values, run_rms_norm_launches, 3, 0, 1, 1},
    {"rope", run_rope, run_rope_values, run_rope_launches, 4, 0, 1, 1},
    {"ropeTable", run_rope_table, run_rope_table_values, run_rope_table_launches, 3, 0, 2, 1},
    {"sample", run_sample, run_sample_values, run_sample_launches, 5, 0, 1, 1},
    {"selectRows", run_select_rows, run_select_rows_values, run_select_rows_launches, 3, 0, 2, 1},
    {"siluMul", run_silu_mul, run_silu_mul_values, run_silu_mul_launches, 2, 0, 1, 1},
    {"splitHeads", run_split_heads, run_split_heads_values, run_split_heads_launches, 4, 0, 1, 1},
    {"storeKv", run_store_kv, run_store_kv_values, run_store_kv_launches, 3, 0, 2, 1},
    {"tokenLogprob", run_token_logprob, run_token_logprob_values, run_token_logprob_launches, 5, 0, 1, 1},
    {"topK", run_top_k, run_top_k_values, run_top_k_launches, 3, 0, 1, 1},
    {"topLogprobs", run_top_logprobs, run_top_logprobs_values, run_top_logprobs_launches, 4, 0, 1, 1},
    {"topP", run_top_p, run_top_p_values, run_top_p_launches, 3, 0, 1, 1},
    {"topTokens", run_top_tokens, run_top_tokens_values, run_top_tokens_launches, 2, 0, 1, 1},
    {"vocabEmbedding", run_vocab_embedding, run_vocab_embedding_values, run_vocab_embedding_launches, 3, 0, 1, 1},
};
const int32_t program_count = 31;
const int32_t block_size = 64;
const bool checked = false;

}  // namespace ws
