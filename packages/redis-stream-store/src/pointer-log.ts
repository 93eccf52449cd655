import { isStreamId } from "@streambed/core/store-kit";

/**
 * The eight-method level has no transactions, but RPUSH puts racing calls into an order: each writes down
 * what it wants, and whether that took effect is read off the entries before it, by all alike.
 */
export type PointerEntry = { set: string; instead?: string | undefined } | { clear: string };

export function toEntry(entry: PointerEntry): string {
  return JSON.stringify(entry);
}

/** The id that stands behind the last entry, `null` if there is none; `undefined` if an entry is not ours. */
export function standingAfter(log: readonly string[]): string | null | undefined {
  let standing: string | null = null;
  for (const json of log) {
    const entry = parseEntry(json);
    if (entry === undefined) return undefined;
    if ("set" in entry) {
      if (standing === null || standing === entry.instead) standing = entry.set;
    } else if (standing === entry.clear) {
      standing = null;
    }
  }
  return standing;
}

function parseEntry(json: string): PointerEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { set, instead, clear } = value as Record<string, unknown>;
  if (isStreamId(clear) && set === undefined) return { clear };
  const isSet = isStreamId(set) && (instead === undefined || isStreamId(instead));
  return isSet && clear === undefined ? { set, instead } : undefined;
}
