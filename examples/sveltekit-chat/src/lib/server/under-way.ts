const underWay = new Set<Promise<unknown>>();

/** Notes work that should be finished before the process ends. */
export function waitUntil(work: Promise<unknown>): void {
  underWay.add(work);
  void work.catch(() => {}).finally(() => underWay.delete(work));
}

/** Calls `end` when adapter-node has closed its server and what is under way has been finished. */
export function onceFinished(end: () => void): void {
  process.once("sveltekit:shutdown", () => {
    void Promise.allSettled(underWay).then(end);
  });
}
