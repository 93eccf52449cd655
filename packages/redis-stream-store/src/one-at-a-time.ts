/** Lets tasks of the same key run one after the other, in the order in which they came. */
export class OneAtATime {
  /** The keys whose task is running, and who waits for it to end. */
  readonly #waiting: Map<string, (() => void)[]> = new Map();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.get(key)?.shift();
      if (next === undefined) this.#waiting.delete(key);
      else next();
    }
  }
}
