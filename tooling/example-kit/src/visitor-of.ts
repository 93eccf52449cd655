import { createHash } from "node:crypto";

/**
 * Who asks, as a short name that may stand in links: a hash of the `visitor` cookie; undefined without one. It
 * stands in for the login of a real application: whoever holds the cookie, a random UUID, is that visitor.
 */
export function visitorOf({ headers }: Pick<Request, "headers">): string | undefined {
  const cookie = /(?:^|;\s*)visitor=([0-9a-f-]{36})(?:;|$)/.exec(headers.get("cookie") ?? "")?.[1];
  return cookie && createHash("sha256").update(cookie).digest("hex").slice(0, 16);
}
