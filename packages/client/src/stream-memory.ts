/** Like `sessionStorage` and `localStorage`. */
export type StreamStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Where a page remembers what it reads. `() => sessionStorage` where the code also runs on a server, or where a
 * browser may forbid it.
 */
export type AnyStorage = StreamStorage | (() => StreamStorage);

/** What a page was reading when it was left. */
export interface RememberedStream {
  id: string;
  /** The seq of the last event that it had. */
  seq: number;
}

/**
 * Remembers, for one chat, which stream is being read, so that a reload can go on with it. An ended stream is to
 * be forgotten. A storage that is full, forbidden or broken remembers nothing, and disturbs nobody.
 */
export class StreamMemory {
  readonly #anyStorage: AnyStorage | undefined;
  readonly #key: string;

  constructor(storage: AnyStorage | undefined, chat: string) {
    this.#anyStorage = storage;
    this.#key = `streambed:${chat}`;
  }

  get #storage(): StreamStorage | undefined {
    return typeof this.#anyStorage === "function" ? this.#anyStorage() : this.#anyStorage;
  }

  recall(): RememberedStream | undefined {
    try {
      const found = JSON.parse(this.#storage?.getItem(this.#key) ?? "null") as RememberedStream;
      if (typeof found.id === "string" && Number.isSafeInteger(found.seq)) return found;
    } catch {
      // As if there were nothing.
    }
    return undefined;
  }

  remember(stream: RememberedStream): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(stream));
    } catch {
      // The next reload begins anew.
    }
  }

  /** Forgets the stream, if it is the one that is remembered. */
  forget(id: string): void {
    try {
      if (this.recall()?.id === id) this.#storage?.removeItem(this.#key);
    } catch {
      // It is asked for once more, and has ended.
    }
  }
}
