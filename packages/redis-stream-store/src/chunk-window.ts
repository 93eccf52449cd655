/** What a string costs in memory beyond its text, by rule of thumb: chunks of a few bytes are mostly that. */
const STRING_OVERHEAD = 48;

/** The newest chunks of a stream, without a gap: what readers that keep up are served from. */
export class ChunkWindow {
  #chunks: string[] = [];
  /** How many of them, from the first, are no longer held; they go all at once now and then. */
  #dropped = 0;
  #cost = 0;
  #last: number;
  readonly #room: number;

  /** Empty, behind the seq `last`; holds at most about `room` bytes. */
  constructor(last: number, room: number) {
    this.#last = last;
    this.#room = room;
  }

  /** The seq of the newest chunk. */
  get last(): number {
    return this.#last;
  }

  push(chunks: readonly string[]): void {
    for (const chunk of chunks) {
      this.#chunks.push(chunk);
      this.#cost += costOf(chunk);
    }
    this.#last += chunks.length;
    while (this.#cost > this.#room) {
      this.#cost -= costOf(this.#chunks[this.#dropped]!);
      this.#chunks[this.#dropped++] = "";
    }
    if (this.#dropped > this.#chunks.length / 2) {
      this.#chunks = this.#chunks.slice(this.#dropped);
      this.#dropped = 0;
    }
  }

  /** The chunks behind `cursor`, undefined if the first of them is not held. */
  after(cursor: number): readonly string[] | undefined {
    const have = this.#last - cursor;
    return have > this.#chunks.length - this.#dropped || have < 0
      ? undefined
      : this.#chunks.slice(this.#chunks.length - have);
  }
}

function costOf(chunk: string): number {
  return chunk.length + STRING_OVERHEAD;
}
