// What bots did, in one order for all processes, and what it comes to.

export type StateKind =
  | "node-redis"
  | "ioredis"
  | "published state-redis"
  | "published state-ioredis";

/** One line of the journal of a prefix, at `journalKey(prefix)`. */
export interface JournalEvent {
  /** Came in, was begun and ended by a handler, and had all its work done (or `error` of it); or the bot logged it. */
  what: "received" | "started" | "ended" | "answered" | `message-${string}`;
  by: StateKind;
  id: string;
  threadId: string;
  /** Of `started`: the other messages in the handler's context; undefined without one. */
  skipped?: string[];
  total?: number;
  isFirst?: boolean;
  error?: string;
}

export const journalKey = (prefix: string): string => `journal:${prefix}`;

/** What became of each message: one word for each time that something did. */
export function fatesOf(journal: JournalEvent[]): Map<string, string[]> {
  const fates = new Map<string, string[]>();
  const add = (id: string, ...more: string[]): void =>
    void fates.set(id, [...(fates.get(id) ?? []), ...more]);
  for (const { what, id, skipped = [], error } of journal) {
    if (what === "received") add(id);
    if (what === "started") add(id, "handled");
    if (what === "message-dropped" || what === "message-expired") add(id, what);
    if (error !== undefined) add(id, error);
    for (const other of skipped) add(other, "skipped");
  }
  return fates;
}

/** How many messages came to what. */
export function tally(fates: Map<string, string[]>): Partial<Record<string, number>> {
  const counts: Partial<Record<string, number>> = {};
  for (const fate of fates.values()) {
    const name = fate.join(" and ") || "nothing";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The most handlers that ran at the same time in each thread. */
export function mostAtOnce(journal: JournalEvent[]): Map<string, number> {
  const [running, most] = [new Map<string, number>(), new Map<string, number>()];
  for (const { what, threadId } of journal) {
    const change = { started: 1, ended: -1 }[what as string] ?? 0;
    const now = (running.get(threadId) ?? 0) + change;
    running.set(threadId, now);
    most.set(threadId, Math.max(now, most.get(threadId) ?? 0));
  }
  return most;
}

/** Where in the journal something stands of a message. */
export function indexer(
  journal: JournalEvent[],
): (what: JournalEvent["what"], id: string) => number {
  const found = new Map(journal.map(({ what, id }, i) => [`${what} ${id}`, i]));
  return (what, id) => found.get(`${what} ${id}`) ?? -1;
}
