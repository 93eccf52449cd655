import type { Entry } from "./page.ts";

/** What happened from the last `from` on. */
export const since = (log: Entry[], from: string): string[] =>
  log.slice(log.findLastIndex(({ what }) => what === from)).map(({ what }) => what);

/** How long after the last `from` the first `to` came. NaN if one of them did not come. */
export function between(log: Entry[], from: string, to: string): number {
  const begin = log.findLastIndex(({ what }) => what === from);
  const end = log.findIndex(({ what }, index) => index > begin && what === to);
  return (log[end]?.at ?? NaN) - (log[begin]?.at ?? NaN);
}
