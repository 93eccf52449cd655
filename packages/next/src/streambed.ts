import type { RequestHandler } from "@streambed/core";
import { after } from "next/server.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

/** What a `route.ts` may export. */
export type RouteHandlers = Record<
  (typeof METHODS)[number],
  (request: Request) => Promise<Response>
>;

/**
 * Has `handler` answer as route handlers of the App Router, in a catch-all folder that lies where its prefix
 * says: `app/api/chat/[[...path]]/route.ts` for `/api/chat`. Next's `after` keeps a generation alive behind
 * its response.
 */
export function streambed(handler: RequestHandler): RouteHandlers {
  const answer = (request: Request): Promise<Response> =>
    handler(withoutTrailingSlash(request), { waitUntil: after });
  return Object.fromEntries(METHODS.map((method) => [method, answer])) as RouteHandlers;
}

/** Where Next is set to `trailingSlash`, all paths have one. */
function withoutTrailingSlash(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.endsWith("/")) return request;
  url.pathname = url.pathname.replace(/\/+$/, "");
  return new Request(url, request);
}
