export interface SourceOptions {
  /** Thrown behind the last chunk. */
  throws?: unknown;
  /** Says nothing more behind the last chunk, until it is closed. */
  thenSilent?: boolean;
  /** What `return()` does. @default resolves at once */
  closing?: "hangs" | "throws" | "rejects";
}

/** A source that notes what is asked of it. As a function's source it notes its signal too. */
export class Source implements AsyncIterable<string> {
  /** Chunks that were asked for and given. */
  taken = 0;
  /** Calls of `return`. */
  closed = 0;
  /** How many iterators it was asked for. */
  opened = 0;
  signal: AbortSignal | undefined;
  readonly #chunks: readonly unknown[];
  readonly #options: SourceOptions;

  constructor(chunks: readonly unknown[], options: SourceOptions = {}) {
    this.#chunks = chunks;
    this.#options = options;
  }

  /** The source as a function of a signal. */
  readonly from = (signal: AbortSignal): Source => {
    this.signal = signal;
    return this;
  };

  [Symbol.asyncIterator](): AsyncIterator<string> {
    this.opened++;
    return {
      next: async () => {
        if (this.taken < this.#chunks.length) {
          return { done: false, value: this.#chunks[this.taken++] as string };
        }
        if ("throws" in this.#options) throw this.#options.throws;
        if (this.#options.thenSilent) return new Promise<never>(() => {});
        return { done: true, value: undefined };
      },
      return: () => {
        this.closed++;
        if (this.#options.closing === "throws") throw new Error("return() failed");
        if (this.#options.closing === "rejects")
          return Promise.reject(new Error("return() failed"));
        if (this.#options.closing === "hangs") return new Promise<never>(() => {});
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
