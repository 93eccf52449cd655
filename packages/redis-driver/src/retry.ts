import { StreamError } from "@streambed/core/contracts";
import { sleep, unref } from "@streambed/core/store-kit";
import { isRefusal } from "./reply-error.ts";

export interface RetryOptions {
  /** How long one attempt may take. */
  timeoutMs: number;
  /** For how long a failed attempt is followed by another. */
  retryForMs: number;
}

const PAUSE_MS = { first: 25, most: 1_000 };

/**
 * `attempt`, again and again until it succeeds, is refused, or time is up.
 *
 * @throws StreamError what the attempt threw, or `UNAVAILABLE` with the last failure as its cause
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const startedAt = performance.now();
  for (let pause = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.most)) {
    try {
      return await withTimeout(attempt(), options.timeoutMs);
    } catch (error) {
      if (StreamError.is(error)) throw error;
      if (isRefusal(error)) throw refused(error);
      if (performance.now() - startedAt + pause > options.retryForMs) throw unavailable(error);
      // A bit of chance, so that many processes do not come back in step.
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { keepAlive: true });
    }
  }
}

function withTimeout<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no reply within ${timeoutMs} ms`)), timeoutMs);
    unref(timer);
    const settle =
      <A>(pass: (outcome: A) => void) =>
      (outcome: A): void => {
        clearTimeout(timer);
        pass(outcome);
      };
    promise.then(settle(resolve), settle(reject));
  });
}

/** What will not pass by itself, and the way out of it. */
const WAYS_OUT: readonly [refusal: RegExp, way: string][] = [
  [/^CROSSSLOT\b/, "a cluster wants the option hashTag: true"],
  [/^MOVED\b/, "this server is a node of a cluster, which wants a cluster client"],
  [
    /^NOPERM\b|The user executing the script/,
    "this user needs EVAL and EVALSHA, and what the scripts use: see ACL in the README",
  ],
  [/^WRONGTYPE\b/, "these keys hold something else"],
];

function refused(error: Error): StreamError {
  const [, way] = WAYS_OUT.find(([refusal]) => refusal.test(error.message)) ?? [];
  return way === undefined
    ? new StreamError("UNAVAILABLE", `Redis refused: ${error.message}`, { cause: error })
    : new StreamError("UNSUPPORTED", `${error.message} (${way})`, { cause: error });
}

function unavailable(cause: unknown): StreamError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StreamError("UNAVAILABLE", `Redis cannot be reached: ${reason}`, { cause });
}
