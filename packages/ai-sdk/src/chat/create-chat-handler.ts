import type { RequestHandler } from "@streambed/core";
import { errorResponse, toResponse } from "../http.ts";
import { assertChatSettings } from "./assert-chat-settings.ts";
import type { ChatHandlerOptions } from "./chat-handler-options.ts";
import { chatRoutes } from "./chat-routes.ts";
import { assertShortChatId } from "./chat-stream-id.ts";

/**
 * Answers AI SDK's `useChat` below `api`: `POST {api}` begins an answer, `GET {api}/:chatId/stream` reads the
 * one that is under way from its beginning, or the one that it names from a cursor on, ended or not;
 * `POST {api}/:chatId/stop` ends it. Each answer outlives the connection that asked for it.
 *
 * @throws TypeError if an option makes no sense, or `authorize` is missing
 */
export function createChatHandler(options: ChatHandlerOptions): RequestHandler {
  assertChatSettings(options);
  const { api = "/api/chat" } = options;
  const routes = chatRoutes(options);

  const handle: RequestHandler = Object.assign(
    async (request: Request, context = {}): Promise<Response> => {
      const found = findRoute(new URL(request.url).pathname, api);
      if (found === undefined) return errorResponse(404, "there is nothing here");
      const route = routes[found.route];
      const { method } = route;
      if (request.method === "OPTIONS") {
        return new Response(null, { status: 204, headers: { allow: `${method}, OPTIONS` } });
      }
      if (request.method !== method) {
        const headers = { allow: `${method}, OPTIONS` };
        return errorResponse(405, `${request.method} is not allowed here`, headers);
      }
      try {
        if (found.chatId !== undefined) assertShortChatId(found.chatId);
        return await route.answer({ request, context, chatId: found.chatId ?? "" });
      } catch (error) {
        return toResponse(error);
      }
    },
    { prefix: api },
  );
  return handle;
}

function findRoute(
  pathname: string,
  api: string,
): { route: "send" | "resume" | "stop"; chatId?: string } | undefined {
  if (pathname === api) return { route: "send" };
  if (!pathname.startsWith(`${api}/`)) return undefined;
  const [, id = "", verb] = /^([^/]+)\/(stream|stop)$/.exec(pathname.slice(api.length + 1)) ?? [];
  if (verb === undefined) return undefined;
  return { route: verb === "stop" ? "stop" : "resume", chatId: decode(id) };
}

/** What cannot be decoded is no chat's id either, and is refused as one. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
