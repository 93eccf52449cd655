import type { AppendOptions, StreamChunk, StreamStatus } from "@streambed/core/contracts";
// By path, not by name: the memory store depends on this package for its tests, and must not be depended on in turn.
import { MemoryStreamStore } from "../../../memory/src/index.ts";
import type { MemoryStreamStoreOptions } from "../../../memory/src/index.ts";
import type { StreamStoreHarness } from "../../src/index.ts";

export type Reader = AsyncGenerator<StreamChunk, StreamStatus, undefined>;

/** A right store, to be broken. */
export class Breakable extends MemoryStreamStore {
  /** The store that "another process" gets. */
  createPeer(): Breakable {
    return this;
  }

  loseChunk(id: string): void {
    this.streams.get(id)?.chunks.pop();
  }
}

/** A store that keeps every promise but one. */
export interface Mutant<Harness = StreamStoreHarness<Breakable>> {
  breaks: string;
  how: string;
  harness: Harness;
}

export function mutant(
  breaks: string,
  how: string,
  Store: new (options?: MemoryStreamStoreOptions) => Breakable,
): Mutant {
  return {
    breaks,
    how,
    harness: {
      create: (options) => new Store(options),
      createPeer: (store) => store.createPeer(),
      loseChunk: (store, id) => store.loseChunk(id),
    },
  };
}

/** `inner` with other ways to step or to leave. */
export function alter(
  inner: Reader,
  { next = () => inner.next(), leave = (value) => inner.return(value) }: ReaderSteps,
): Reader {
  return {
    next,
    return: leave,
    throw: (error) => inner.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

interface ReaderSteps {
  next?: (() => ReturnType<Reader["next"]>) | undefined;
  leave?:
    | ((value: StreamStatus | PromiseLike<StreamStatus>) => ReturnType<Reader["return"]>)
    | undefined;
}

/** Lets everything run that is waiting to run. */
export function aMoment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function isOpen(status: StreamStatus | null): boolean {
  return status?.state === "active";
}

export type Chunks = string | readonly string[];

export function isBeat(chunks: Chunks, options: AppendOptions = {}): boolean {
  return Array.isArray(chunks) && chunks.length === 0 && options.end === undefined;
}

/** The texts of an append; none if there is anything else among them. */
export function textsOf(chunks: Chunks): readonly string[] {
  const list: unknown[] = Array.isArray(chunks) ? [...chunks] : [chunks];
  return list.every((one) => typeof one === "string") ? list : [];
}
