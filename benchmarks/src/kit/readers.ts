import type { StreamChunk, StreamStore } from "@streambed/core";

/** Many readers at once, and a way to let them all go. */
export class Readers {
  readonly #leave = new AbortController();
  readonly #ended: Promise<unknown>[] = [];

  /** Follows a stream. `onChunk` is told every chunk. */
  follow(store: StreamStore, id: string, onChunk?: (chunk: StreamChunk) => void): void {
    this.#ended.push(this.#read(store, id, onChunk));
  }

  /** Lets all go, and waits until they have gone. Rejects if one has failed. */
  async leave(): Promise<void> {
    this.#leave.abort();
    await Promise.all(this.#ended);
  }

  /** Waits until the streams of all have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended);
  }

  async #read(
    store: StreamStore,
    id: string,
    onChunk: ((chunk: StreamChunk) => void) | undefined,
  ): Promise<void> {
    const { signal } = this.#leave;
    try {
      for await (const chunk of store.readFrom(id, 0, { signal })) onChunk?.(chunk);
    } catch (error) {
      if (error !== signal.reason) throw error;
    }
  }
}
