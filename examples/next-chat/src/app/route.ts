import { randomUUID } from "node:crypto";
import { visitorOf } from "@streambed/example-kit";

/** A new chat, for who is known by a cookie, or is from now on. */
export function GET(request: Request): Response {
  const known = visitorOf(request);
  const cookie = `visitor=${randomUUID()}`;
  const visitor = known ?? visitorOf({ headers: new Headers({ cookie }) });
  const headers = new Headers({ location: `/chat/${visitor}.${randomUUID()}` });
  if (known === undefined) {
    headers.set("set-cookie", `${cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000`);
  }
  return new Response(null, { status: 307, headers });
}
