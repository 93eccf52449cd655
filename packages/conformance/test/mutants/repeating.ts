import { StreamError } from "@streambed/core/contracts";
import type { AppendOptions } from "@streambed/core/contracts";
import type { MemoryStreamStoreOptions } from "../../../memory/src/index.ts";
import { Breakable, isOpen, mutant, textsOf } from "./mutant.ts";
import type { Chunks, Mutant } from "./mutant.ts";

export const repeatingMutants: readonly Mutant[] = [
  mutant(
    "repeat-op",
    "refuses to repeat once the stream has ended",
    class extends Breakable {
      override append(id: string, chunks: Chunks, options: AppendOptions = {}): Promise<number> {
        const status = this.streams.get(id)?.status() ?? null;
        const ended = status !== null && !isOpen(status);
        return super.append(id, chunks, ended ? { ...options, op: undefined } : options);
      }
    },
  ),

  mutant(
    "repeat-op",
    "counts a repeated batch against the limits",
    class extends Breakable {
      readonly #maxChunks: number | undefined;
      constructor(options?: MemoryStreamStoreOptions) {
        super(options);
        this.#maxChunks = options?.maxChunks;
      }
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const repeated = record && options.op !== undefined && options.op === record.lastOp;
        if (repeated && record.lastSeq + textsOf(chunks).length > (this.#maxChunks ?? Infinity)) {
          throw new StreamError("LIMIT", "full");
        }
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "repeat-op",
    "remembers ops in the process, not in the storage",
    class Forgetful extends Breakable {
      readonly #options: MemoryStreamStoreOptions | undefined;
      readonly #ops = new WeakMap<object, string>();
      constructor(options?: MemoryStreamStoreOptions) {
        super(options);
        this.#options = options;
      }
      override createPeer(): Breakable {
        return Object.assign(new Forgetful(this.#options), { streams: this.streams });
      }
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const { op } = options;
        if (record && op !== undefined && op === this.#ops.get(record)) return record.lastSeq;
        const fresh = op === record?.lastOp && typeof op === "string" ? `${op}'`.slice(-128) : op;
        const seq = await super.append(id, chunks, { ...options, op: fresh });
        if (record && op !== undefined) this.#ops.set(record, op);
        return seq;
      }
    },
  ),

  mutant(
    "repeat-op",
    "writes the op down after the chunks",
    class extends Breakable {
      readonly #ops = new WeakMap<object, string>();
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const { op } = options;
        if (!record || typeof op !== "string" || !/^op-\d+$/.test(op))
          return super.append(id, chunks, options);
        if (op === this.#ops.get(record)) return record.lastSeq;
        await Promise.resolve();
        const seq = await super.append(id, chunks, { ...options, op: undefined });
        this.#ops.set(record, op);
        return seq;
      }
    },
  ),

  mutant(
    "repeat-new-op",
    "takes the same text for the same append",
    class extends Breakable {
      readonly #last = new WeakMap<object, string>();
      override async append(
        id: string,
        chunks: Chunks,
        options: AppendOptions = {},
      ): Promise<number> {
        const record = this.streams.get(id);
        const text = textsOf(chunks).join("|");
        const again = record && options.op && chunks.length > 0 && this.#last.get(record) === text;
        const fits = again && isOpen(record.status()) && !options.end;
        const mine = record?.writer === undefined || record.writer === options.writer;
        if (fits && mine && record.lastSeq + chunks.length <= 12) return record.lastSeq;
        const seq = await super.append(id, chunks, options);
        if (record) this.#last.set(record, text);
        return seq;
      }
    },
  ),

  mutant(
    "limit-chunk-bytes",
    "counts UTF-16 units",
    class extends Breakable {
      readonly #max: number;
      constructor(options?: MemoryStreamStoreOptions) {
        const max = options?.maxChunkBytes ?? 1_048_576;
        super({ ...options, maxChunkBytes: max * 3 });
        this.#max = max;
      }
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        if (Array.isArray(chunks) || typeof chunks === "string") {
          const long = textsOf(chunks).some((one) => one?.length > this.#max);
          if (long) throw new StreamError("LIMIT", "too long");
        }
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "limit-chunks",
    "looks at the batch alone",
    class extends Breakable {
      readonly #max: number;
      constructor(options?: MemoryStreamStoreOptions) {
        super({ ...options, maxChunks: undefined });
        this.#max = options?.maxChunks ?? 100_000;
      }
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        if (Array.isArray(chunks) && chunks.length > this.#max)
          throw new StreamError("LIMIT", "many");
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "limit-bytes",
    "does not count the last chunk",
    class extends Breakable {
      readonly #max: number;
      constructor(options?: MemoryStreamStoreOptions) {
        super({ ...options, maxBytes: undefined });
        this.#max = options?.maxBytes ?? 67_108_864;
      }
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        const record = this.streams.get(id);
        const before = Array.isArray(chunks) ? Buffer.byteLength(chunks.slice(0, -1).join("")) : 0;
        const repeated = options?.op !== undefined && options.op === record?.lastOp;
        if (
          record &&
          !repeated &&
          textsOf(chunks).length > 0 &&
          record.bytes + before > this.#max
        ) {
          throw new StreamError("LIMIT", "too much");
        }
        return super.append(id, chunks, options);
      }
    },
  ),
];
