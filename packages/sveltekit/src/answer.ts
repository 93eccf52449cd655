import type { RequestContext, RequestHandler } from "@streambed/core";
import { contextOf } from "./context-of.ts";
import { spareConnection } from "./spare-connection.ts";

/** What of SvelteKit's event is used. It is the same for every route. */
export interface RequestEventLike {
  readonly request: Request;
  readonly platform?: unknown;
}

/** Has the handler answer, with what the platform offers; `given` goes before that. */
export async function answer(
  handler: RequestHandler,
  { request, platform }: RequestEventLike,
  given: RequestContext,
): Promise<Response> {
  const { readable, tooLarge } = spareConnection(request);
  const response = await handler(readable, { ...contextOf(platform), ...given });
  if (!tooLarge() || response.status !== 400) return response;
  return Response.json({ error: "the body is too large for this server" }, { status: 413 });
}
