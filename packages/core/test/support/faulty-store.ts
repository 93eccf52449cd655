import { MemoryStreamStore } from "../../../memory/src/index.ts";
import type { AppendOptions, StreamStatus } from "../../src/contracts/stream-store.ts";
import { StreamError } from "../../src/contracts/stream-error.ts";

/** What becomes of a call: it works, fails, or is applied although its answer gets lost. */
export type Fault = undefined | "down" | "answer lost" | Error;

/** A memory store that fails as it is told. */
export class FaultyStore extends MemoryStreamStore {
  onCreate: () => Fault = () => undefined;
  onAppend: (chunks: readonly string[], options: AppendOptions) => Fault | Promise<Fault> = () =>
    undefined;
  onRead: () => Fault = () => undefined;
  appends = 0;
  #appending = 0;
  mostAppending = 0;

  override async create(...args: Parameters<MemoryStreamStore["create"]>): Promise<void> {
    await through(this.onCreate(), () => super.create(...args));
  }

  override async append(
    id: string,
    chunks: string | readonly string[],
    options: AppendOptions = {},
  ): Promise<number> {
    this.appends++;
    this.mostAppending = Math.max(this.mostAppending, ++this.#appending);
    try {
      const fault = await this.onAppend([chunks].flat(), options);
      return await through(fault, () => super.append(id, chunks, options));
    } finally {
      this.#appending--;
    }
  }

  override readFrom(
    ...args: Parameters<MemoryStreamStore["readFrom"]>
  ): ReturnType<MemoryStreamStore["readFrom"]> {
    const reader = super.readFrom(...args);
    const { next } = reader;
    reader.next = async () => {
      const step = await through(this.onRead(), () => next.call(reader));
      // What it was waiting for does not get through to it either.
      return through(this.onRead(), async () => step);
    };
    return reader;
  }

  override async getStatus(id: string): Promise<StreamStatus | null> {
    return through(this.onRead(), () => super.getStatus(id));
  }

  /** As an eviction would. */
  loseChunk(id: string): void {
    this.streams.get(id)?.chunks.shift();
  }

  /** The text of a stream, as stored. */
  textOf(id: string): string {
    const chunks = this.streams.get(id)?.chunks ?? [];
    return chunks.map((chunk) => chunk.slice(1)).join("");
  }

  get size(): number {
    return this.streams.size;
  }
}

async function through<T>(fault: Fault, call: () => Promise<T>): Promise<T> {
  if (fault instanceof Error) throw fault;
  if (fault === "down") throw new StreamError("UNAVAILABLE", "no route to host");
  const result = await call();
  if (fault === "answer lost") throw new StreamError("UNAVAILABLE", "the connection was closed");
  return result;
}
