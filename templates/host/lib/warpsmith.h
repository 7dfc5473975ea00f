/*
 * The C ABI of a built engine: flat, versioned, the same for every target.
 *
 * A library holds programs: a model's step, or single operators. `ws_create` makes an instance of one. Functions that return
 * int32_t give 0 or a handle for success and a negative number for failure; ws_last_error tells what it was. An instance
 * is used by one thread at a time, but for ws_wait and ws_cancel. All but ws_submit, ws_poll and ws_wait first wait for the
 * steps under way, or take their turn behind them.
 */
#ifndef WARPSMITH_H
#define WARPSMITH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WS_ABI_VERSION 3

/** Slots of an instance's ring: steps whose results are kept, those under way among them. */
#define WS_RING_SLOTS 4

typedef struct ws_engine ws_engine;

int32_t ws_abi_version(void);
int32_t ws_ring_slots(void);

/** Names of the processor features the library was built with, separated by spaces; none on CUDA. */
const char* ws_processor(void);

/** The error of the last failed call on `engine`; with NULL, of the last failed ws_create of this thread. */
const char* ws_last_error(const ws_engine* engine);

/**
 * An instance of program `program` with memory for `capacities`: one number a count of the program, in the manifest's order.
 * threads: 0 takes one a physical core; on CUDA it says nothing. NULL on failure.
 */
ws_engine* ws_create(int32_t program, int32_t threads, const int32_t* capacities, int32_t blocks_per_sequence,
                     int32_t num_blocks);
void ws_destroy(ws_engine* engine);

/** Maps a file for reading; returns its number. */
int32_t ws_map_file(ws_engine* engine, const char* path);

/** Rows of a tensor of a mapped file, row-major; row r begins `offset + (order ? order[r] : r) * row_stride` bytes into it. */
typedef struct {
  int32_t file;
  /** 0 bf16, 1 f16, 2 f32, and in blocks of ggml's layouts 3 Q8_0, 4 Q4_0, 5 Q4_1, 6 Q4_K, 7 Q6_K. */
  int32_t encoding;
  uint64_t offset;
  uint64_t row_stride;
  /** The first element of each row that is wanted, within a block or not. */
  int64_t first_column;
} ws_file_rows;

/**
 * Binds rows of a weight, `columns` elements each, behind those bound before. Rows that lie in order and in the engine's own
 * type are used in place, others are converted once. `order` is NULL, or has a number for each row.
 */
int32_t ws_load_weight(ws_engine* engine, int32_t value, int32_t rows, int32_t columns, const ws_file_rows* from,
                       const int32_t* order);

/**
 * Lets a value live in memory of the caller, who keeps it alive. On CUDA memory of ws_tensor_alloc is used in place, and an
 * array of the host is copied to the device before each launch and, if it is a result or a state, back behind it.
 */
int32_t ws_bind(ws_engine* engine, int32_t value, void* data);
/** Copies into or out of a value, offsets in bytes. */
int32_t ws_write(ws_engine* engine, int32_t value, uint64_t offset, const void* data, uint64_t bytes);
int32_t ws_read(ws_engine* engine, int32_t value, uint64_t offset, void* data, uint64_t bytes);

/**
 * Starts a step of the program and returns its ticket: 0 for the first and then one more each. Steps run in the order of
 * their tickets, each on the states that the one before left. A ticket's slot in the ring is its remainder by the number of
 * slots; where an earlier step of that slot has not ended, the call waits for it. The descriptor, which has been read when the
 * call returns, is a row of 32-bit words:
 *   [0] words in all, [1] B sequences, [2] blocks a sequence in the table, [3] 1 if slots are given, 0 if not,
 *   [4] tokens: those past the last sequence are padding
 *   then the program's counts, seq_start [B + 1], context_len [B], block table [B][blocks a sequence],
 *   slots [tokens] if given, and the program's inputs in the manifest's order unless they are bound.
 * A step that the device failed at leaves its states unknown: every later one is refused with the same error.
 */
int64_t ws_submit(ws_engine* engine, const int32_t* descriptor);
/** Returns when the step has ended, however it did. From any thread; the engine must outlive the call. */
void ws_wait(ws_engine* engine, int64_t ticket);
/** How a step stands whose slot was not taken since: 0 done, 1 under way, -1 failed, -2 cancelled. */
int32_t ws_poll(ws_engine* engine, int64_t ticket);
/**
 * Where steps of a slot leave a result: memory of the host (on CUDA pinned), at the value's capacity, that is the same for the
 * life of the engine and holds the result from the end of a step until the slot is taken again. NULL for what is no result,
 * and for results with rows of more than 4 KiB, of which ws_read gives the last step's.
 */
void* ws_result(ws_engine* engine, int32_t slot, int32_t value);

/** ws_submit, ws_wait and ws_poll in one; returns the ticket, or what ws_poll tells of a failure. */
int64_t ws_step(ws_engine* engine, const int32_t* descriptor);
/** As ws_step, with every input bound: the descriptor ends with the slots. Takes no ticket; results are where they are bound. */
int32_t ws_op_launch(ws_engine* engine, const int32_t* descriptor);
/** Makes the steps under way end with -2, after the current kernel; what a GPU was already given it runs. From any thread. */
void ws_cancel(ws_engine* engine);

/** [0] threads, [1] arena bytes, [2] bytes of scratch memory or of the device's workspace, [3] state bytes. */
void ws_capacity(const ws_engine* engine, int64_t* numbers);
/** [0] steps, [1] kernels launched, [2] nanoseconds in steps. */
void ws_stats(ws_engine* engine, int64_t* numbers);
/** Switches timing on or off; with `numbers`, copies the nanoseconds a kernel of the program first. */
void ws_timings(ws_engine* engine, int32_t on, int64_t* numbers);

/** The place in the manifest's list of the kernel that made the last step fail, or -1 where it was none or is not known. */
int32_t ws_failed_launch(const ws_engine* engine);

/**
 * Memory that the target's kernels read and write directly: on CUDA that of the device, which only ws_tensor_copy reaches (to,
 * from and within it). NULL or a negative number on failure; ws_last_error(NULL) tells.
 */
void* ws_tensor_alloc(uint64_t bytes);
void ws_tensor_free(void* tensor);
int32_t ws_tensor_copy(void* to, const void* from, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
