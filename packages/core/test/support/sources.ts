import { expect } from "vitest";

/** A source that a test steers: what it says, and how it ends. */
export class Script {
  signal: AbortSignal | undefined;
  calls = 0;
  left = false;
  #say: ((step: () => string) => void) | undefined;
  readonly #steps: (() => string)[] = [];

  /** To be given as `source`. */
  readonly source = (signal: AbortSignal): AsyncIterable<string> => {
    this.calls++;
    this.signal = signal;
    return this.#run();
  };

  say(...texts: string[]): void {
    for (const text of texts) this.#push(() => text);
  }

  fail(error: unknown): void {
    this.#push(() => {
      throw error;
    });
  }

  end(): void {
    this.#push(() => END);
  }

  get aborted(): boolean {
    return this.signal?.aborted ?? false;
  }

  #push(step: () => string): void {
    if (this.#say === undefined) this.#steps.push(step);
    else this.#say(step);
    this.#say = undefined;
  }

  #nextStep(): Promise<() => string> {
    return new Promise((resolve) => (this.#say = resolve));
  }

  async *#run(): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        const step = this.#steps.shift() ?? (await this.#nextStep());
        const text = step();
        if (text === END) return;
        yield text;
      }
    } finally {
      this.left = true;
    }
  }
}

const END = Symbol("end") as unknown as string;

/** Says everything at once. */
export function saying(...texts: string[]): () => AsyncIterable<string> {
  return async function* () {
    yield* texts;
  };
}

/** A source that must not be asked for anything. */
export function unasked(): AsyncIterable<string> {
  return expect.fail("the source should not be asked");
}
