/** Lets `signal` end a life, for as long as that lasts. */
export function abortWith(life: AbortController, signal: AbortSignal | undefined): void {
  const abort = (): void => life.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  // By hand: Node forgets to, if a signal is to do it and there are other listeners (24.21).
  life.signal.addEventListener("abort", () => signal?.removeEventListener("abort", abort));
  if (signal?.aborted) abort();
}
