/** The newest chunks of a stream, without a gap: what readers that keep up are served from. */
export class ChunkWindow {
  #chunks: string[] = [];
  #lengths = 0;
  #last: number;
  readonly #room: number;

  /** Empty, behind the seq `last`; holds chunks of `room` UTF-16 units at most. */
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
      this.#lengths += chunk.length;
    }
    this.#last += chunks.length;
    let drop = 0;
    while (this.#lengths > this.#room) this.#lengths -= this.#chunks[drop++]!.length;
    if (drop > 0) this.#chunks = this.#chunks.slice(drop);
  }

  /** The chunks behind `cursor`, undefined if the first of them is not held. */
  after(cursor: number): readonly string[] | undefined {
    const have = this.#last - cursor;
    return have > this.#chunks.length || have < 0
      ? undefined
      : this.#chunks.slice(this.#chunks.length - have);
  }
}
