import { StreamError } from "../../src/contracts/stream-error.ts";
import type { AppendOptions, StreamStore } from "../../src/contracts/stream-store.ts";

/** One call of `append`, as it came. */
export interface Append extends AppendOptions {
  chunks: string[];
  at: number;
  /** Lets it succeed, or fail. */
  settle: (error?: Error) => void;
}

/** What an append is answered with: at once, after a while, or when the test says so. */
export type Answer = "later" | { afterMs: number; error?: Error } | Error | undefined;

/** The writing half of a store: notes each append, and answers as it is told. */
export class AppendLog {
  readonly appends: Append[] = [];
  /** How many are under way. */
  pending = 0;
  mostPending = 0;
  answer: (append: Append, index: number) => Answer = () => undefined;
  #seq = 0;

  get store(): StreamStore {
    return this as unknown as StreamStore;
  }

  /** The chunks of all appends, in order. */
  get chunks(): string[] {
    return this.appends.flatMap(({ chunks }) => chunks);
  }

  async append(_: string, chunks: readonly string[], options: AppendOptions): Promise<number> {
    const append: Append = {
      ...options,
      chunks: [...chunks],
      at: performance.now(),
      settle: () => {},
    };
    const settled = new Promise<void>((resolve, reject) => {
      append.settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.appends.push(append);
    const answer = this.answer(append, this.appends.length - 1);
    this.mostPending = Math.max(this.mostPending, ++this.pending);
    if (answer === undefined) append.settle();
    else if (answer instanceof Error) append.settle(answer);
    else if (answer !== "later") setTimeout(() => append.settle(answer.error), answer.afterMs);
    try {
      await settled;
      return (this.#seq += chunks.length);
    } finally {
      this.pending--;
    }
  }
}

export const unavailable = (): StreamError => new StreamError("UNAVAILABLE", "no route to host");
