/** Reads a GGUF header from front to back through a window of the file, never past its end or the size a header may have. */
import type { ByteSource } from './byte-source.ts';
import { ggufError } from './errors.ts';

/** As for safetensors; headers of 2026 with a tokenizer of 256k tokens have 20 MB. */
const maxHeaderBytes = 100_000_000;
const windowBytes = 1 << 20;

export class HeaderCursor {
  readonly #source: ByteSource;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Bytes [start, start + length) of the file. */
  #window: Buffer = Buffer.alloc(0);
  #start = 0;
  #position = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get file(): string {
    return this.#source.file;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes between here and the end of what may be read. */
  get remaining(): number {
    return Math.min(this.#source.sizeBytes, maxHeaderBytes) - this.#position;
  }

  /** The next bytes, valid until the next call. `what` they are is for the message. */
  take(length: number, what: string): Buffer {
    this.require(BigInt(length), what);
    const from = this.#position - this.#start;
    if (from + length <= this.#window.length) {
      this.#position += length;
      return this.#window.subarray(from, from + length);
    }
    const window = Buffer.allocUnsafe(Math.min(Math.max(length, windowBytes), this.#source.sizeBytes - this.#position));
    if (this.#source.read(window, this.#position) < length)
      throw ggufError(this.file, 'ended while its header was read');
    this.#window = window;
    this.#start = this.#position;
    this.#position += length;
    return window.subarray(0, length);
  }

  /** Throws where fewer bytes remain. */
  require(length: bigint, what: string): void {
    if (length <= BigInt(this.remaining)) return;
    const { sizeBytes } = this.#source;
    if (BigInt(this.#position) + length > BigInt(sizeBytes)) {
      throw ggufError(this.file, `ends at byte ${sizeBytes}, within ${what} of ${length} bytes at ${this.#position}`);
    }
    throw ggufError(
      this.file,
      `has a header of more than ${maxHeaderBytes} bytes; ${what} at ${this.#position} leaves that`,
    );
  }

  u32(what: string): number {
    return this.take(4, what).readUInt32LE();
  }

  u64(what: string): bigint {
    return this.take(8, what).readBigUInt64LE();
  }

  /** A u64 that JavaScript can count to. */
  size(what: string): number {
    const value = this.u64(what);
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw ggufError(this.file, `has ${what} of ${value}, over 2^53`);
  }

  /** A u64 of bytes, then as many of UTF-8. */
  string(what: string, maxBytes = maxHeaderBytes): string {
    const length = this.u64(`the length of ${what}`);
    if (length > BigInt(maxBytes)) {
      throw ggufError(this.file, `has ${what} of ${length} bytes; at most ${maxBytes} are allowed`);
    }
    this.require(length, what);
    const bytes = this.take(Number(length), what);
    if (isAscii(bytes)) return bytes.toString('latin1');
    try {
      return this.#utf8.decode(bytes);
    } catch {
      throw ggufError(this.file, `has ${what} that is not UTF-8, at byte ${this.#position - bytes.length}`);
    }
  }
}

/** Most strings are, and need no decoder. */
function isAscii(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 127) return false;
  return true;
}
