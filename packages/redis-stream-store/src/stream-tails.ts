import type { StreamTail } from "./stream-tail.ts";

/** The tails of the streams that are being read in this process. */
export class StreamTails {
  readonly #tails: Map<string, { tail: StreamTail; readers: number }> = new Map();
  readonly #open: (id: string) => StreamTail;

  constructor(open: (id: string) => StreamTail) {
    this.#open = open;
  }

  /** The tail of a stream that somebody reads. */
  get(id: string): StreamTail | undefined {
    return this.#tails.get(id)?.tail;
  }

  /** The tail for one more reader, which must `release` it. */
  acquire(id: string): StreamTail {
    let entry = this.#tails.get(id);
    if (entry === undefined) this.#tails.set(id, (entry = { tail: this.#open(id), readers: 0 }));
    entry.readers++;
    return entry.tail;
  }

  release(id: string): void {
    const entry = this.#tails.get(id);
    if (entry === undefined || --entry.readers > 0) return;
    this.#tails.delete(id);
    entry.tail.close();
  }
}
