#include "kernels.h"

namespace ws {

/**
 * add.y
 * x [T, 256], residual [T, 256], y [T, 256]
 */
void add(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict residual,
    bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // add.y
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        y[t * 256L + h] = from_f32<bf16>(to_f32(x[t * 256L + h]) + to_f32(residual[t * 256L + h]));
      }
    }
  }
}

/**
 * addRmsNorm.total, addRmsNorm.y
 * x [T, 256], residual [T, 256], total [T, 256], weight [256], y [T, 256]
 */
void add_rms_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict residual,
    bf16* __restrict total, const bf16* __restrict weight, bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // addRmsNorm.total
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        total[t * 256L + h] = from_f32<bf16>(to_f32(x[t * 256L + h]) + to_f32(residual[t * 256L + h]));
      }
      // addRmsNorm.y
      const float sum = sum_of(256, [&](int i) WS_INLINE {
        const float term = to_f32(x[t * 256L + i]) + to_f32(residual[t * 256L + i]);
        return term * term;
      });
      const float factor = ws_rsqrt(sum / 256.0f + 0.000001f);
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        y[t * 256L + h] = from_f32<bf16>((to_f32(x[t * 256L + h]) + to_f32(residual[t * 256L + h])) * factor * to_f32(weight[h]));
      }
    }
  }
}

/**
 * applyTemperature.y
 * x [R, 2048], temperature [R], y [R, 2048]
 */
void apply_temperature(const Batch& batch, Worker& worker, const int R, const float* __restrict x,
    const float* __restrict temperature, float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // applyTemperature.y
      float largest = -INFINITY;
      #pragma omp simd reduction(max:largest)
      for (int i = 0; i < 2048; ++i) {
        largest = ws_maximum(largest, x[r * 2048L + i]);
      }
      #pragma omp simd
      for (int v = 0; v < 2048; ++v) {
        y[r * 2048L + v] = (x[r * 2048L + v] - largest) / (temperature[r] > 0.0f ? temperature[r] : 1.0f);
      }
    }
  }
}

/**
 * countTokens.outputCounts
 * use_penalties [R], state_row [R], token [R], output_counts [S, 2048]
 */
void count_tokens(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict use_penalties,
    const int32_t* __restrict state_row, const int32_t* __restrict token, int32_t* __restrict output_counts) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // countTokens.outputCounts
      const int slot = use_penalties[r] != 0 ? state_row[r] : -1;
      const int slot2 = token[r];
      if (slot >= 0 && slot2 >= 0) {
        output_counts[slot * 2048L + slot2] = use_penalties[r] != 0 ? output_counts[state_row[r] * 2048L + token[r]] + 1 : 0;
      }
    }
  }
}

/**
 * embedding.y
 * y [T, 256], table [2048, 256], ids [T]
 */
void embedding(const Batch& batch, Worker& worker, const int T, bf16* __restrict y, const Matrix<bf16>& table,
    const int32_t* __restrict ids) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // embedding.y
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        y[t * 256L + h] = table.row(ids[t])[h];
      }
    }
  }
}

/**
 * geluTanhMul.y
 * x [T, 1280], y [T, 640]
 */
void gelu_tanh_mul(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // geluTanhMul.y
      const float factor = ws_sqrt(0.6366197723675814f);
      #pragma omp simd
      for (int h = 0; h < 640; ++h) {
        const float in = to_f32(x[t * 1280L + h]);
        y[t * 640L + h] = from_f32<bf16>(0.5f * in * (1.0f + ws_tanh(factor * (in + 0.044715f * in * in * in))) * to_f32(x[t * 1280L + 640 + h]));
      }
    }
  }
}

/**
 * headNorm.y
 * x [T, 4, 64], weight [64], y [T, 4, 64]
 */
void head_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict weight,
    bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // headNorm.y
      for (int h = 0; h < 4; ++h) {
        const float sum = sum_of(64, [&](int i) WS_INLINE {
          const float in = to_f32(x[t * 256L + h * 64L + i]);
          return in * in;
        });
        const float factor = ws_rsqrt(sum / 64.0f + 0.000001f);
        #pragma omp simd
        for (int d = 0; d < 64; ++d) {
          y[t * 256L + h * 64L + d] = from_f32<bf16>(to_f32(x[t * 256L + h * 64L + d]) * factor * to_f32(weight[d]));
        }
      }
    }
  }
}

/**
 * keepTokens.lastTokens
 * kept_row [R], last_tokens [S], token [R]
 */
void keep_tokens(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict kept_row,
    int32_t* __restrict last_tokens, const int32_t* __restrict token) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // keepTokens.lastTokens
      const int slot = kept_row[r];
      if (slot >= 0) {
        last_tokens[slot] = token[r];
      }
    }
  }
}

/**
 * knownTokens.ids
 * step_tokens [T], last_tokens [S], ids [T]
 */
void known_tokens(const Batch& batch, Worker& worker, const int T, const int32_t* __restrict step_tokens,
    const int32_t* __restrict last_tokens, int32_t* __restrict ids) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // knownTokens.ids
      ids[t] = step_tokens[t] < 0 ? last_tokens[-1 - step_tokens[t]] : step_tokens[t];
    }
  }
}

/**
 * logSumExp.y
 * x [R, 2048], y [R]
 */
void log_sum_exp(const Batch& batch, Worker& worker, const int R, const float* __restrict x, float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // logSumExp.y
      float largest = -INFINITY;
      #pragma omp simd reduction(max:largest)
      for (int v = 0; v < 2048; ++v) {
        largest = ws_maximum(largest, x[r * 2048L + v]);
      }
      const float sum = sum_of(2048, [&](int v) WS_INLINE {
        return ws_exp(x[r * 2048L + v] - largest);
      });
      y[r] = largest + ws_log(sum);
    }
  }
}

/**
 * minP.y
 * p [R], x [R, 2048], y [R, 2048]
 */
void min_p(const Batch& batch, Worker& worker, const int R, const float* __restrict p, const float* __restrict x,
    float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // minP.y
      float largest = -INFINITY;
      if (p[r] > 0.0f) {
        #pragma omp simd reduction(max:largest)
        for (int i = 0; i < 2048; ++i) {
          largest = ws_maximum(largest, x[r * 2048L + i]);
        }
      }
      const float factor = p[r] > 0.0f ? largest + ws_log(p[r]) : -INFINITY;
      #pragma omp simd
      for (int v = 0; v < 2048; ++v) {
        y[r * 2048L + v] = x[r * 2048L + v] >= factor ? x[r * 2048L + v] : -INFINITY;
      }
    }
  }
}

/**
 * penalize.y
 * use_penalties [R], output_counts [S, 2048], state_row [R], prompt_seen [S, 2048], logits [R, 2048],
 * logit_bias [S, 2048], repetition [R], presence [R], frequency [R], y [R, 2048]
 */
void penalize(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict use_penalties,
    const int32_t* __restrict output_counts, const int32_t* __restrict state_row,
    const int32_t* __restrict prompt_seen, const float* __restrict logits, const float* __restrict logit_bias,
    const float* __restrict repetition, const float* __restrict presence, const float* __restrict frequency,
    float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // penalize.y
      if (use_penalties[r] != 0) {
        #pragma omp simd
        for (int v = 0; v < 2048; ++v) {
          y[r * 2048L + v] = (output_counts[state_row[r] * 2048L + v] > 0 || prompt_seen[state_row[r] * 2048L + v] > 0 ? (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v] > 0.0f ? (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) / repetition[r] : (logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) * repetition[r]) : logits[r * 2048L + v] + logit_bias[state_row[r] * 2048L + v]) - (output_counts[state_row[r] * 2048L + v] > 0 ? presence[r] : 0.0f) - frequency[r] * float(output_counts[state_row[r] * 2048L + v]);
        }
      } else {
        #pragma omp simd
        for (int v = 0; v < 2048; ++v) {
          y[r * 2048L + v] = logits[r * 2048L + v];
        }
      }
    }
  }
}

/**
 * rmsNorm.y
 * x [T, 256], weight [256], y [T, 256]
 */
void rms_norm(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const bf16* __restrict weight,
    bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // rmsNorm.y
      const float sum = sum_of(256, [&](int i) WS_INLINE {
        const float in = to_f32(x[t * 256L + i]);
        return in * in;
      });
      const float factor = ws_rsqrt(sum / 256.0f + 0.000001f);
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        y[t * 256L + h] = from_f32<bf16>(to_f32(x[t * 256L + h]) * factor * to_f32(weight[h]));
      }
    }
  }
}

/**
 * rope.y
 * x [T, 4, 64], cosine [T, 32], sine [T, 32], y [T, 4, 64]
 */
void rope(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, const float* __restrict cosine,
    const float* __restrict sine, bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // rope.y
      for (int h = 0; h < 4; ++h) {
        #pragma omp simd
        for (int d = 0; d < 32; ++d) {
          y[t * 256L + h * 64L + d] = from_f32<bf16>(to_f32(x[t * 256L + h * 64L + d]) * cosine[t * 32L + d] - to_f32(x[t * 256L + h * 64L + d + 32]) * sine[t * 32L + d]);
        }
        #pragma omp simd
        for (int d = 32; d < 64; ++d) {
          y[t * 256L + h * 64L + d] = from_f32<bf16>(to_f32(x[t * 256L + h * 64L + d]) * cosine[t * 32L + d - 32] + to_f32(x[t * 256L + h * 64L + d - 32]) * sine[t * 32L + d - 32]);
        }
      }
    }
  }
}

/**
 * ropeTable.cosine, ropeTable.sine
 * inverse_frequency [32], cosine [T, 32], sine [T, 32]
 */
void rope_table(const Batch& batch, Worker& worker, const int T, const float* __restrict inverse_frequency,
    float* __restrict cosine, float* __restrict sine) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // ropeTable.cosine
      #pragma omp simd
      for (int f = 0; f < 32; ++f) {
        cosine[t * 32L + f] = ws_cos(float(batch.pos[t]) * inverse_frequency[f]);
      }
      // ropeTable.sine
      #pragma omp simd
      for (int f = 0; f < 32; ++f) {
        sine[t * 32L + f] = ws_sin(float(batch.pos[t]) * inverse_frequency[f]);
      }
    }
  }
}

/**
 * sample.token
 * temperature [R], x [R, 2048], seed [R], position [R], token [R]
 */
void sample(const Batch& batch, Worker& worker, const int R, const float* __restrict temperature,
    const float* __restrict x, const int32_t* __restrict seed, const int32_t* __restrict position,
    int32_t* __restrict token) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      worker.release();
      // sample.token
      int best = 0;
      float* const best_row = worker.scratch<float>(2048);
      if (temperature[r] > 0.0f) {
        #pragma omp simd
        for (int v = 0; v < 2048; ++v) {
          best_row[v] = x[r * 2048L + v] + ws_gumbel(seed[r], position[r], v);
        }
      } else {
        #pragma omp simd
        for (int v = 0; v < 2048; ++v) {
          best_row[v] = x[r * 2048L + v];
        }
      }
      best = argmax(best_row, 2048);
      token[r] = best;
    }
  }
}

/**
 * selectRows.y
 * y [R, 256], x [T, 256], rows [R]
 */
void select_rows(const Batch& batch, Worker& worker, const int R, bf16* __restrict y, const bf16* __restrict x,
    const int32_t* __restrict rows) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // selectRows.y
      #pragma omp simd
      for (int h = 0; h < 256; ++h) {
        y[r * 256L + h] = x[rows[r] * 256L + h];
      }
    }
  }
}

/**
 * siluMul.y
 * x [T, 1280], y [T, 640]
 */
void silu_mul(const Batch& batch, Worker& worker, const int T, const bf16* __restrict x, bf16* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // siluMul.y
      #pragma omp simd
      for (int h = 0; h < 640; ++h) {
        const float in = to_f32(x[t * 1280L + h]);
        y[t * 640L + h] = from_f32<bf16>(in / (1.0f + ws_exp(-in)) * to_f32(x[t * 1280L + 640 + h]));
      }
    }
  }
}

/**
 * splitHeads.q, splitHeads.k, splitHeads.v
 * q [T, 4, 64], qkv [T, 8, 64], k [T, 2, 64], v [T, 2, 64]
 */
void split_heads(const Batch& batch, Worker& worker, const int T, bf16* __restrict q, const bf16* __restrict qkv,
    bf16* __restrict k, bf16* __restrict v) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // splitHeads.q
      for (int h = 0; h < 4; ++h) {
        #pragma omp simd
        for (int d = 0; d < 64; ++d) {
          q[t * 256L + h * 64L + d] = qkv[t * 512L + h * 64L + d];
        }
      }
      // splitHeads.k
      for (int h = 0; h < 2; ++h) {
        #pragma omp simd
        for (int d = 0; d < 64; ++d) {
          k[t * 128L + h * 64L + d] = qkv[t * 512L + (4 + h) * 64L + d];
        }
      }
      // splitHeads.v
      for (int h = 0; h < 2; ++h) {
        #pragma omp simd
        for (int d = 0; d < 64; ++d) {
          v[t * 128L + h * 64L + d] = qkv[t * 512L + (6 + h) * 64L + d];
        }
      }
    }
  }
}

/**
 * storeKv.kv
 * kv k[2, 64] v[2, 64], k [T, 2, 64], v [T, 2, 64]
 */
void store_kv(const Batch& batch, Worker& worker, const int T, bf16* __restrict kv, const bf16* __restrict k,
    const bf16* __restrict v) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // storeKv.kv
      const int slot = batch.slot[t];
      if (slot >= 0) {
        for (int h = 0; h < 2; ++h) {
          #pragma omp simd
          for (int d = 0; d < 64; ++d) {
            paged_row<256, 0, 64, BLOCK_SIZE>(kv, slot / BLOCK_SIZE, h, slot % BLOCK_SIZE)[d] = k[t * 128L + h * 64L + d];
          }
        }
        for (int h = 0; h < 2; ++h) {
          #pragma omp simd
          for (int d = 0; d < 64; ++d) {
            paged_row<256, 128, 64, BLOCK_SIZE>(kv, slot / BLOCK_SIZE, h, slot % BLOCK_SIZE)[d] = v[t * 128L + h * 64L + d];
          }
        }
      }
    }
  }
}

/**
 * tokenLogprob.logprob
 * logits [R, 2048], targets [R], token [R], normalizer [R], logprob [R]
 */
void token_logprob(const Batch& batch, Worker& worker, const int R, const float* __restrict logits,
    const int32_t* __restrict targets, const int32_t* __restrict token, const float* __restrict normalizer,
    float* __restrict logprob) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // tokenLogprob.logprob
      logprob[r] = logits[r * 2048L + (targets[r] >= 0 ? targets[r] : token[r])] - normalizer[r];
    }
  }
}

/**
 * topK.y
 * k [R], x [R, 2048], y [R, 2048]
 */
void top_k(const Batch& batch, Worker& worker, const int R, const int32_t* __restrict k, const float* __restrict x,
    float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // topK.y
      float kth = 0.0f;
      if (k[r] > 0 && k[r] < 2048) {
        kth = kth_largest(&x[r * 2048L], 2048, k[r]);
      }
      #pragma omp simd
      for (int v = 0; v < 2048; ++v) {
        y[r * 2048L + v] = x[r * 2048L + v] >= (k[r] > 0 && k[r] < 2048 ? kth : -INFINITY) ? x[r * 2048L + v] : -INFINITY;
      }
    }
  }
}

/**
 * topLogprobs.logprobs
 * logits [R, 2048], ids [R, 20], normalizer [R], logprobs [R, 20]
 */
void top_logprobs(const Batch& batch, Worker& worker, const int R, const float* __restrict logits, const int32_t* __restrict ids,
    const float* __restrict normalizer, float* __restrict logprobs) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // topLogprobs.logprobs
      #pragma omp simd
      for (int n = 0; n < 20; ++n) {
        logprobs[r * 20L + n] = logits[r * 2048L + ids[r * 20L + n]] - normalizer[r];
      }
    }
  }
}

/**
 * topP.y
 * p [R], x [R, 2048], y [R, 2048]
 */
void top_p(const Batch& batch, Worker& worker, const int R, const float* __restrict p, const float* __restrict x,
    float* __restrict y) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      // topP.y
      float threshold = 0.0f;
      if (p[r] < 1.0f) {
        threshold = mass_threshold(&x[r * 2048L], 2048, p[r]);
      }
      #pragma omp simd
      for (int v = 0; v < 2048; ++v) {
        y[r * 2048L + v] = x[r * 2048L + v] >= (p[r] < 1.0f ? threshold : -INFINITY) ? x[r * 2048L + v] : -INFINITY;
      }
    }
  }
}

/**
 * topTokens.ids
 * logits [R, 2048], ids [R, 20]
 */
void top_tokens(const Batch& batch, Worker& worker, const int R, const float* __restrict logits, int32_t* __restrict ids) {
  int row_begin, row_end;
  while (worker.take_rows(R, row_begin, row_end)) {
    for (int r = row_begin; r < row_end; ++r) {
      worker.release();
      // topTokens.ids
      int32_t* const top = worker.scratch<int32_t>(20);
      top_n(&logits[r * 2048L], 2048, 20, top);
      #pragma omp simd
      for (int n = 0; n < 20; ++n) {
        ids[r * 20L + n] = top[n];
      }
    }
  }
}

/**
 * vocabEmbedding.y
 * ids [T], y [T, 256], table [1024, 256]
 */
void vocab_embedding(const Batch& batch, Worker& worker, const int T, const int32_t* __restrict ids, bf16* __restrict y,
    const Matrix<bf16>& table) {
  int row_begin, row_end;
  while (worker.take_rows(T, row_begin, row_end)) {
    for (int t = row_begin; t < row_end; ++t) {
      // vocabEmbedding.y
      if (ids[t] - 1024 >= 0 && ids[t] - 1024 < 1024) {
        #pragma omp simd
        for (int h = 0; h < 256; ++h) {
          y[t * 256L + h] = table.row(ids[t] - 1024)[h];
        }
      } else {
        #pragma omp simd
        for (int h = 0; h < 256; ++h) {
          y[t * 256L + h] = from_f32<bf16>(0.0f);
        }
      }
    }
  }
}

}  // namespace ws
