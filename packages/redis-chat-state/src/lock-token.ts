import { ChatStateError } from "./chat-state-error.ts";

/** Letters and digits, so that a token has the form of the other adapters'; fewer than Python's 32. */
const SUFFIX_LENGTH = 24;

/** @throws ChatStateError `INVALID_OPTION` */
export function assertTokenPrefix(prefix: unknown): void {
  if (typeof prefix === "string" && /^[a-z][a-z0-9-]*$/.test(prefix)) return;
  throw new ChatStateError("INVALID_OPTION", "tokenPrefix must match ^[a-z][a-z0-9-]*$");
}

/** `<prefix>_<ms>_<suffix>`, of which nobody can guess the suffix. */
export function lockToken(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH));
  // 256 is 7 × 36 + 4: four of the digits come up an eighth more often, of 124 bits half a bit is lost.
  const suffix = Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
  return `${prefix}_${Date.now()}_${suffix}`;
}

/** Who has a lock, as far as its token tells. */
export interface LockOwner {
  /** `ioredis`, `redis`, or whatever prefix the bot was given; empty of a token of no known form. */
  tokenPrefix: string;
  runtime: "typescript" | "python" | "unknown";
}

/** Tokens are opaque to all that work with locks; for people, their form says who made them, and when. */
export function readToken(token: string): { owner: LockOwner; acquiredAt: number | undefined } {
  const [, tokenPrefix, ms, suffix] = /^([a-z][a-z0-9-]*)_(\d{13})_([0-9a-z]*)$/.exec(token) ?? [];
  if (tokenPrefix === undefined || suffix === undefined) {
    return { owner: { tokenPrefix: "", runtime: "unknown" }, acquiredAt: undefined };
  }
  const runtime = /^[0-9a-f]{32}$/.test(suffix) ? "python" : "typescript";
  return { owner: { tokenPrefix, runtime }, acquiredAt: Number(ms) };
}
