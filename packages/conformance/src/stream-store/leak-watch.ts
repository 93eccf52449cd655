import { AsyncLocalStorage, createHook } from "node:async_hooks";

const FETCH = "node:internal/deps/undici";
/** Lines of Node, and of this file. */
const OWN = /\bnode:|[/\\]leak-watch\.[jt]s/;

/** Knows the timers that what it runs has left pending, also those that would not keep the process alive. */
export class LeakWatch {
  readonly #inside: AsyncLocalStorage<true> = new AsyncLocalStorage();
  readonly #foreign: readonly string[];
  readonly #pending: Map<number, string> = new Map();
  readonly #hook: ReturnType<typeof createHook> = createHook({
    init: (asyncId, type) => {
      if (type !== "Timeout" || !this.#inside.getStore()) return;
      const lines = callers();
      // `fetch` keeps connections for later: they are Node's.
      if (lines.some((line) => line.includes(FETCH))) return;
      const [setter = "", ...rest] = lines.filter((line) => !OWN.test(line));
      if (this.#foreign.some((part) => setter.includes(part))) return;
      this.#pending.set(asyncId, [setter, ...rest].join("\n"));
    },
    destroy: (asyncId) => void this.#pending.delete(asyncId),
  });

  /** `foreign`: parts of paths; timers set by code in such a place do not count. */
  constructor(foreign: readonly string[] = []) {
    this.#foreign = foreign;
    this.#hook.enable();
  }

  /** Watches the timers that `operation` sets, directly or in what it awaits. */
  run<T>(operation: () => T): T {
    return this.#inside.run(true, operation);
  }

  /** Where each timer was set that is still pending. */
  get timers(): readonly string[] {
    return [...this.#pending.values()];
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }
}

/** The lines of the stack that set a timer. */
function callers(): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 40;
  const lines = new Error("a timer").stack?.split("\n").slice(1) ?? [];
  Error.stackTraceLimit = stackTraceLimit;
  return lines;
}
