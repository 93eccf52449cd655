/** A value that is over at some time. */
interface Expiring {
  /** On the monotonic clock. */
  expiresAt: number;
}

/** A map whose entries go when their time is over, and never pile up. No timer sees to it. */
export class ExpiringMap<Value extends Expiring> extends Map<string, Value> {
  #sweeper: MapIterator<[string, Value]> = this.entries();

  /** The entry of that key, unless its time is over: then it is forgotten. */
  find(key: string): Value | undefined {
    const value = this.get(key);
    return value === undefined || this.#drop(key, value) ? undefined : value;
  }

  /** Puts an entry in its place, and looks at two others for each one that is new. */
  put(key: string, value: Value): void {
    if (!this.has(key)) this.#sweep();
    this.set(key, value);
  }

  #sweep(): void {
    for (let looks = 0; looks < 2; looks++) {
      const { done, value } = this.#sweeper.next();
      if (done) this.#sweeper = this.entries();
      else this.#drop(...value);
    }
  }

  #drop(key: string, { expiresAt }: Expiring): boolean {
    return performance.now() >= expiresAt && this.delete(key);
  }
}
