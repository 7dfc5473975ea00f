#pragma once

#include "lib/kernel.h"

namespace ws {

/** Positions in a block of the paged cache. */
constexpr int BLOCK_SIZE = 64;

void add(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict residual,
    bf16* __restrict y);
void add_rms_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict residual,
    bf16* __restrict total, const bf16* __restrict weight, bf16* __restrict y);
void apply_temperature(const Batch& batch, Worker& worker, const int R, const float* __restrict x,
    const float* __restrict temperature, float* __restrict y);
void count_tokens(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict use_penalties,
    const int32_t* __restrict state_row, const int32_t* __restrict token, int32_t* __restrict output_counts);
void dense_attention(const Batch& batch, Worker& worker, const int T, const bf16* __restrict q, const bf16* __restrict k,
    const bf16* __restrict v, bf16* __restrict o);
void embedding(const Batch& batch, Worker& worker, const int T, bf16* __restrict y, const Matrix<bf16>& table,
    const int32_t* __restrict ids);
void gelu_tanh_mul(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, bf16* __restrict y);
void head_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict weight,
    bf16* __restrict y);
void keep_tokens(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict kept_row,
    int32_t* __restrict last_tokens, const int32_t* __restrict token);
void known_tokens(const Batch& batch, Worker& worker, const int T, const int32_t* __restrict step_tokens,
    const int32_t* __restrict last_tokens, int32_t* __restrict ids);
void linear(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const Matrix<bf16>& weight,
    bf16* __restrict y);
void linear_bias(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const Matrix<bf16>& weight,
    const bf16* __restrict bias, bf16* __restrict y);
void lm_head(const Batch& batch, Worker& worker, const int R, const bf16* __restrict x, const Matrix<bf16>& weight,
    float* __restrict logits);
void log_sum_exp(const Batch& batch, Worker& worker, const int R, const float* __restrict x, float* __restrict y);
void min_p(const Batch& batch, Worker& worker, const int R, const float* __restrict p, const float* __restrict x,
    float* __restrict y);
void paged_attention(const Batch& batch, Worker& worker, const int T, const bf16* __restrict q, const bf16* __restrict kv,
    bf16* __restrict o);
void penalize(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict use_penalties,
    const int32_t* __restrict output_counts, const int32_t* __restrict state_row,
    const int32_t* __restrict prompt_seen, const float* __restrict logits, const float* __restrict logit_bias,
    const float* __restrict repetition, const float* __restrict presence, const float* __restrict frequency,
    float* __restrict y);
void rms_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict weight,
    bf16* __restrict y);
void rope(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const float* __restrict cosine,
    const float* __restrict sine, bf16* __restrict y);
void rope_table(const Batch& batch, Worker& worker, const int T, const float* __restrict inverse_frequency,
    float* __restrict cosine, float* __restrict sine);
void sample(const Batch& batch, Worker& worker, const int R, const float* __restrict temperature,
    const float* __restrict x, const int32_t* __restrict seed, const int32_t* __restrict position,
    int32_t* __restrict token);
void select_rows(const Batch& batch, Worker& worker, const int R, bf16* __restrict y, const bf16* __restrict x,
    const int32_t* __restrict rows);
void silu_mul(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, bf16* __restrict y);
void split_heads(const Batch& batch, Worker& worker, const int T, bf16* __restrict q, const bf16* __restrict qkv,
    bf16* __restrict k, bf16* __restrict v);
void store_kv(const Batch& batch, Worker& worker, const int T, bf16* __restrict kv, const bf16* __restrict k,
    const bf16* __restrict v);
void token_logprob(const Batch& batch, Worker& worker, const int R, const float* __restrict logits,
    const int32_t* __restrict targets, const int32_t* __restrict token, const float* __restrict normalizer,
    float* __restrict logprob);
void top_k(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict k, const float* __restrict x,
    float* __restrict y);
void top_logprobs(const Batch& batch, Worker& worker, const int R, const float* __restrict logits, const int32_t* __restrict ids,
    const float* __restrict normalizer, float* __restrict logprobs);
void top_p(const Batch& batch, Worker& worker, const int R, const float* __restrict p, const float* __restrict x,
    float* __restrict y);
void top_tokens(const Batch& batch, Worker& worker, const int R, const float* __restrict logits, int32_t* __restrict ids);
void vocab_embedding(const Batch& batch, Worker& worker, const int T, const int32_t* __restrict ids, bf16* __restrict y,
    const Matrix<bf16>& table);

}  // namespace ws
