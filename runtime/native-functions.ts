/** The functions of templates/host/lib/warpsmith.h as koffi calls them. */
import type koffi from 'koffi';

/** A pointer to native memory, as koffi hands it out. */
export type Pointer = unknown;

/** `ws_file_rows`: a tensor's rows in a mapped file, `rowStride` bytes apart. */
export interface FileRows {
  readonly file: number;
  readonly encoding: number;
  readonly offset: number;
  readonly rowStride: number;
  readonly firstColumn: number;
}

export function packFileRows({ file, encoding, offset, rowStride, firstColumn }: FileRows): BigInt64Array {
  const packed = new BigInt64Array([0n, BigInt(offset), BigInt(rowStride), BigInt(firstColumn)]);
  new Int32Array(packed.buffer).set([file, encoding]);
  return packed;
}

export type Functions = ReturnType<typeof declare>;

export function declare(library: ReturnType<typeof koffi.load>) {
  const f = (signature: string) => library.func(signature);
  const wait = f('void ws_wait(void* engine, int64_t ticket)');
  return {
    abiVersion: f('int32_t ws_abi_version()') as () => number,
    ringSlots: f('int32_t ws_ring_slots()') as () => number,
    lastError: f('const char* ws_last_error(void* engine)') as (engine: Pointer) => string,
    create: f(
      'void* ws_create(int32_t program, int32_t threads, const int32_t* capacities, int32_t blocks, int32_t num_blocks)',
    ) as (program: number, threads: number, capacities: Int32Array, blocks: number, numBlocks: number) => Pointer,
    destroy: f('void ws_destroy(void* engine)') as (engine: Pointer) => void,
    mapFile: f('int32_t ws_map_file(void* engine, const char* path)') as (engine: Pointer, path: string) => number,
    loadWeight: f(
      'int32_t ws_load_weight(void* engine, int32_t value, int32_t rows, int32_t columns, const void* from, const int32_t* order)',
    ) as (
      engine: Pointer,
      value: number,
      rows: number,
      columns: number,
      from: BigInt64Array,
      order: Int32Array | null,
    ) => number,
    bind: f('int32_t ws_bind(void* engine, int32_t value, void* data)') as (
      engine: Pointer,
      value: number,
      data: ArrayBufferView,
    ) => number,
    write: f('int32_t ws_write(void* engine, int32_t value, uint64_t offset, const void* data, uint64_t bytes)') as (
      engine: Pointer,
      value: number,
      offset: number,
      data: ArrayBufferView,
      bytes: number,
    ) => number,
    read: f('int32_t ws_read(void* engine, int32_t value, uint64_t offset, _Out_ void* data, uint64_t bytes)') as (
      engine: Pointer,
      value: number,
      offset: number,
      data: ArrayBufferView,
      bytes: number,
    ) => number,
    submit: f('int64_t ws_submit(void* engine, const int32_t* descriptor)') as (
      engine: Pointer,
      descriptor: Int32Array,
    ) => number,
    waitAsync: wait.async as (engine: Pointer, ticket: number, done: (error: Error | null) => void) => void,
    poll: f('int32_t ws_poll(void* engine, int64_t ticket)') as (engine: Pointer, ticket: number) => number,
    result: f('void* ws_result(void* engine, int32_t slot, int32_t value)') as (
      engine: Pointer,
      slot: number,
      value: number,
    ) => Pointer,
    step: f('int64_t ws_step(void* engine, const int32_t* descriptor)') as (
      engine: Pointer,
      descriptor: Int32Array,
    ) => number,
    launch: f('int32_t ws_op_launch(void* engine, const int32_t* descriptor)') as (
      engine: Pointer,
      descriptor: Int32Array,
    ) => number,
    cancel: f('void ws_cancel(void* engine)') as (engine: Pointer) => void,
    stats: f('void ws_stats(void* engine, _Out_ int64_t* numbers)') as (
      engine: Pointer,
      numbers: BigInt64Array,
    ) => void,
    capacity: f('void ws_capacity(void* engine, _Out_ int64_t* numbers)') as (
      engine: Pointer,
      numbers: BigInt64Array,
    ) => void,
    failedLaunch: f('int32_t ws_failed_launch(void* engine)') as (engine: Pointer) => number,
    timings: f('void ws_timings(void* engine, int32_t on, _Out_ int64_t* numbers)') as (
      engine: Pointer,
      on: number,
      numbers: BigInt64Array,
    ) => void,
  };
}
