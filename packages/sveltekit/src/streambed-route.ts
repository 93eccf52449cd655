import type { RequestContext, RequestHandler } from "@streambed/core";
import { answer } from "./answer.ts";
import type { RequestEventLike } from "./answer.ts";

/**
 * The `fallback` of a `+server.ts`, which gets every method, in a route like `src/routes/api/chat/[...path]`
 * that is the handler's prefix. `context` is for platforms whose adapter offers no `waitUntil`.
 */
export function streambedRoute(
  handler: RequestHandler,
  context: RequestContext = {},
): (event: RequestEventLike) => Promise<Response> {
  return (event) => answer(handler, event, context);
}
