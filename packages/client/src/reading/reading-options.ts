import type { ReaderState } from "../reader-state.ts";

/** Headers, or what makes them: called before each request, so that a token is fresh. */
export type RequestHeaders = HeadersInit | (() => HeadersInit | Promise<HeadersInit>);

/** How to read, whatever is read. */
export interface ReadingOptions {
  /** Leaves the stream, which goes on without this reader. Reading then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Must heed the signal that it is given, and its responses must have a `body`. @default the global `fetch` */
  fetch?: typeof fetch | undefined;
  /** Told of every change; must not throw. */
  onState?: ((state: ReaderState) => void) | undefined;
  /** Attempts in a row that bring nothing, before reading gives up with `UNAVAILABLE`. @default 20 */
  maxRetries?: number | undefined;
  /** Pause before the attempt, in milliseconds; `attempt` counts from 0. @default 250 ms doubling to 10 s, less up to half by chance */
  retryDelayMs?: ((attempt: number) => number) | undefined;
  /** Silence after which a connection counts as dead, below 2^31. A server sends a comment every 15 s. @default 45_000 */
  silenceMs?: number | undefined;
}
