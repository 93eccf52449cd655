import { PRODUCER_LOST, StreamError } from "@streambed/core/contracts";
import type {
  AppendOptions,
  CreateOptions,
  ReadOptions,
  StreamStatus,
} from "@streambed/core/contracts";
import { Breakable, alter, isBeat, isOpen, mutant } from "./mutant.ts";
import type { Chunks, Mutant, Reader } from "./mutant.ts";

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const lastingMutants: readonly Mutant[] = [
  mutant(
    "lease-lapse",
    "says it in other words",
    class extends Breakable {
      override async getStatus(id: string): Promise<StreamStatus | null> {
        const status = await super.getStatus(id);
        return status?.error === PRODUCER_LOST ? { ...status, error: "lost" } : status;
      }
    },
  ),

  mutant(
    "lease-lapse",
    "tells those who follow seconds later",
    class extends Breakable {
      override readFrom(id: string, afterSeq: number, options?: ReadOptions): Reader {
        const inner = super.readFrom(id, afterSeq, options);
        const next = async (): ReturnType<Reader["next"]> => {
          const step = await inner.next();
          if (step.done && step.value?.error === PRODUCER_LOST) await later(2500);
          return step;
        };
        return alter(inner, { next });
      }
    },
  ),

  mutant(
    "lease-lapse",
    "loses patience too early",
    class extends Breakable {
      override create(id: string, options: CreateOptions = {}): Promise<void> {
        const { leaseMs = Infinity, writer } = options;
        const short = leaseMs <= 1000 && writer !== undefined;
        return super.create(id, short ? { ...options, leaseMs: leaseMs * 0.75 } : options);
      }
    },
  ),

  mutant(
    "lease-final",
    "takes the heartbeat of a producer that was lost",
    class extends Breakable {
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        const status = isBeat(chunks, options) ? await this.getStatus(id) : null;
        if (status?.error === PRODUCER_LOST) return status.totalChunks;
        return super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "lease-final",
    "looks at the lease only when asked for the status",
    class extends Breakable {
      readonly #stopped = new WeakSet();
      override async stop(id: string): Promise<void> {
        await super.stop(id);
        const record = this.streams.get(id);
        if (record?.status().error === PRODUCER_LOST) this.#stopped.add(record);
      }
      override async getStatus(id: string): Promise<StreamStatus | null> {
        const status = await super.getStatus(id);
        const record = this.streams.get(id);
        if (!status || !record || !this.#stopped.has(record)) return status;
        return { state: "stopped", totalChunks: status.totalChunks };
      }
    },
  ),

  mutant(
    "lease-final",
    "lets a lease lapse that an end had closed",
    class extends Breakable {
      readonly #leases = new Map<string, number>();
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        await super.create(id, options);
        if (options.leaseMs) this.#leases.set(id, performance.now() + options.leaseMs);
      }
      override async getStatus(id: string): Promise<StreamStatus | null> {
        const status = await super.getStatus(id);
        const lapsed = performance.now() > (this.#leases.get(id) ?? Infinity);
        const done = status?.state === "done" || status?.state === "stopped";
        return lapsed && done ? { ...status, state: "error", error: PRODUCER_LOST } : status;
      }
    },
  ),

  mutant(
    "lease-renewed",
    "does not count heartbeats",
    class extends Breakable {
      readonly #leased = new Set<string>();
      override async create(id: string, options?: CreateOptions): Promise<void> {
        await super.create(id, options);
        if (options?.leaseMs) this.#leased.add(id);
      }
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        const beat = isBeat(chunks, options) && this.#leased.has(id);
        const status = beat ? await this.getStatus(id) : null;
        const mine = this.streams.get(id)?.writer === options?.writer;
        return status && isOpen(status) && mine
          ? status.totalChunks
          : super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "lease-none",
    "has a default",
    class extends Breakable {
      override create(id: string, options: CreateOptions = {}): Promise<void> {
        const { leaseMs = options.ttlSec === undefined ? 1400 : undefined } = options;
        return super.create(id, { ...options, leaseMs });
      }
    },
  ),

  mutant(
    "expiry-after-end",
    "keeps the status of what was completed",
    class extends Breakable {
      readonly #kept = new Map<string, StreamStatus | null>();
      override async complete(id: string): Promise<void> {
        await super.complete(id);
        this.#kept.set(id, await super.getStatus(id));
      }
      override async getStatus(id: string): Promise<StreamStatus | null> {
        return (await super.getStatus(id)) ?? this.#kept.get(id) ?? null;
      }
      override async delete(id: string): Promise<void> {
        await super.delete(id);
        this.#kept.delete(id);
      }
    },
  ),

  mutant(
    "expiry-after-end",
    "does not give the id back",
    class extends Breakable {
      readonly #known = new Set<string>();
      override async create(id: string, options?: CreateOptions): Promise<void> {
        const known = this.#known.has(id) && !this.streams.has(id);
        if (known) throw new StreamError("ALREADY_EXISTS", "was here once");
        await super.create(id, options);
        this.#known.add(id);
      }
      override async delete(id: string): Promise<void> {
        await super.delete(id);
        this.#known.delete(id);
      }
    },
  ),

  mutant(
    "expiry-while-active",
    "does not count heartbeats",
    class extends Breakable {
      readonly #leased = new Set<string>();
      override async create(id: string, options?: CreateOptions): Promise<void> {
        await super.create(id, options);
        if (options?.leaseMs) this.#leased.add(id);
      }
      override async append(id: string, chunks: Chunks, options?: AppendOptions): Promise<number> {
        const beat = isBeat(chunks, options) && !this.#leased.has(id);
        const status = beat ? await this.getStatus(id) : null;
        const { writer } = this.streams.get(id) ?? {};
        const mine = writer === undefined || writer === options?.writer;
        return status && isOpen(status) && mine
          ? status.totalChunks
          : super.append(id, chunks, options);
      }
    },
  ),

  mutant(
    "expiry-while-active",
    "does not look at the lease",
    class extends Breakable {
      override async create(id: string, options: CreateOptions = {}): Promise<void> {
        await super.create(id, options);
        const { ttlSec, leaseMs = 0 } = options;
        if (ttlSec === undefined || 2 * leaseMs <= ttlSec * 1000) return;
        const expire = async (): Promise<void> => {
          if (isOpen(await this.getStatus(id))) await this.delete(id);
        };
        // A day is far beyond any case.
        if (ttlSec < 86_400) setTimeout(() => void expire(), ttlSec * 1000).unref();
      }
    },
  ),
];
