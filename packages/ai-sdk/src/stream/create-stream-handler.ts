import { toResponse, errorResponse } from "../http.ts";
import type { RequestContext, RequestHandler } from "@streambed/core";
import { streamRoutes } from "./stream-routes.ts";
import { assertSettings } from "./stream-handler-options.ts";
import type { StreamHandlerOptions } from "./stream-handler-options.ts";

/**
 * Answers below `prefix`: `POST /stream`, `/structured` and `/chat` start a generation that outlives the
 * connection that asked for it, `GET /stream/resume` reads one on from any position, `POST /stream/stop` ends
 * one; `POST /complete`, `/title` and `/compact` answer at once, and nothing of that is stored but the summary.
 *
 * @throws TypeError if an option makes no sense
 */
export function createStreamHandler(options: StreamHandlerOptions): RequestHandler {
  assertSettings(options);
  const { prefix = "/__streambed__" } = options;
  const routes = streamRoutes(options);

  async function handle(request: Request, context: RequestContext = {}): Promise<Response> {
    const { pathname } = new URL(request.url);
    const route = pathname.startsWith(`${prefix}/`)
      ? routes.get(pathname.slice(prefix.length))
      : undefined;
    if (route === undefined) return errorResponse(404, "there is nothing here");

    const head = request.method === "HEAD" && route.method === "GET";
    const allow = route.method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    if (request.method === "OPTIONS")
      return new Response(null, { status: 204, headers: { allow } });
    if (request.method !== route.method && !head) {
      return errorResponse(405, `${request.method} is not allowed here`, { allow });
    }
    const response = await route.answer(request, context).catch(toResponse);
    return head ? new Response(null, response) : response;
  }
  return Object.assign(handle, { prefix });
}
