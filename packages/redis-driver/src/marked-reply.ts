import type { ScriptReply } from "./redis-driver.ts";

/** Before every string in a reply, where a client would otherwise take some strings for something else. */
export const MARK = "=";

/** Before strings in replies of clients that give back what was stored. */
export const NO_MARK = "";

/** A marked reply as the script returned it. Integers have no mark, also where the client makes strings of them. */
export function unmarked(reply: ScriptReply): ScriptReply {
  return reply.map((item) => {
    if (typeof item !== "string") return item;
    return item.startsWith(MARK) ? item.slice(MARK.length) : Number(item);
  });
}
