/** The signal of one call to a model, and what ends it. */
export interface OneCall {
  signal: AbortSignal;
  /** Aborts the call if it is still under way, and leaves no listener. */
  leave: () => void;
}

/** A call that is aborted as `signal` is, and when whoever reads its answer leaves, on whichever way. */
export function oneCall(signal: AbortSignal): OneCall {
  const calling = new AbortController();
  const abort = (): void => calling.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const leave = (): void => {
    signal.removeEventListener("abort", abort);
    calling.abort();
  };
  return { signal: calling.signal, leave };
}
