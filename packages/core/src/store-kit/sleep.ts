/** What setTimeout and setInterval take at most; anything longer they take for 1 ms. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/**
 * Resolves after `ms`, or as soon as `signal` aborts, and leaves no timer and no listener. It keeps the
 * process alive only if told to: where something is still to be stored.
 */
export function sleep(
  ms: number,
  signal?: AbortSignal,
  { keepAlive = false }: { keepAlive?: boolean } = {},
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    if (!keepAlive) unref(timer);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Lets the process exit although `timer` is running, where the runtime knows such a thing. */
export function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
