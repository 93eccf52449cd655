/** Like `sessionStorage` and `localStorage`. */
export type StreamStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Where a page remembers what it reads. `() => sessionStorage` where the code also runs on a server, or where a
 * browser may forbid it.
 */
export type AnyStorage = StreamStorage | (() => StreamStorage);

/**
 * Remembers, for one chat, which stream is being read, so that a reload can go on with it. An ended stream is to
 * be forgotten. A storage that is full, forbidden or broken remembers nothing, and disturbs nobody.
 */
export class StreamMemory {
  readonly #anyStorage: AnyStorage | undefined;
  readonly #key: string;

  /** @param url of the server's route: another one has other streams */
  constructor(storage: AnyStorage | undefined, url: string, chat: string) {
    this.#anyStorage = storage;
    this.#key = `streambed:${url} ${chat}`;
  }

  get #storage(): StreamStorage | undefined {
    return typeof this.#anyStorage === "function" ? this.#anyStorage() : this.#anyStorage;
  }

  /** Its id. */
  recall(): string | undefined {
    try {
      return this.#storage?.getItem(this.#key) || undefined;
    } catch {
      return undefined;
    }
  }

  remember(id: string): void {
    try {
      this.#storage?.setItem(this.#key, id);
    } catch {
      // The next reload begins anew.
    }
  }

  /** Forgets the stream, if it is the one that is remembered. */
  forget(id: string): void {
    try {
      if (this.recall() === id) this.#storage?.removeItem(this.#key);
    } catch {
      // It is asked for once more, and has ended.
    }
  }
}
