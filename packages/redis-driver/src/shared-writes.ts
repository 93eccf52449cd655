interface Corkable {
  cork(): void;
  uncork(): void;
}

const { setImmediate: afterThisTurn = queueMicrotask } = globalThis as {
  setImmediate?: (callback: () => void) => unknown;
};

/**
 * Lets the commands of one ioredis client share their writes to its socket. ioredis writes each on its own,
 * and where many streams flow at once these writes are a fifth of a server's work. A command with nothing under
 * way goes at once, so that whoever awaits each waits for nothing; others gather until the end of the turn.
 */
export class SharedWrites {
  readonly #client: object;
  #underWay = 0;
  #gathered: (() => void)[] = [];

  constructor(client: object) {
    this.#client = client;
  }

  /** What `send` resolves to, which writes one command. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await (this.#underWay++ === 0 ? send() : this.#later(send));
    } finally {
      this.#underWay--;
    }
  }

  #later<T>(send: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      const isFirst = this.#gathered.push(() => resolve(sent(send))) === 1;
      if (isFirst) afterThisTurn(this.#sendGathered);
    });
  }

  readonly #sendGathered = (): void => {
    const gathered = this.#gathered;
    this.#gathered = [];
    const socket = socketOf(this.#client);
    socket?.cork();
    try {
      for (const send of gathered) send();
    } finally {
      socket?.uncork();
    }
  };
}

/** A cluster's client has several; where there is none, or no such thing, each command is a write. */
function socketOf(client: object): Corkable | undefined {
  const { stream } = client as { stream?: Partial<Corkable> | null };
  const canCork = typeof stream?.cork === "function" && typeof stream.uncork === "function";
  return canCork ? (stream as Corkable) : undefined;
}

/** Also where `send` throws, which must not keep the others from being sent. */
async function sent<T>(send: () => Promise<T>): Promise<T> {
  return send();
}
