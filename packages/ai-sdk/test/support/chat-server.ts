import type { RequestContext, RequestHandler } from "@streambed/core";
import { MemoryActiveStreams, MemoryStreamStore } from "@streambed/memory";
import { createChatHandler } from "../../src/index.ts";
import type { ChatHandlerOptions } from "../../src/index.ts";

const BASE = "http://app.test";

/** A store whose streams can be counted. */
export class OpenStore extends MemoryStreamStore {
  get ids(): string[] {
    return [...this.streams.keys()];
  }
}

export interface ChatServer {
  store: OpenStore;
  active: MemoryActiveStreams;
  handler: RequestHandler;
  /** The handler as a client's `fetch`. */
  fetch: typeof globalThis.fetch;
  /** `METHOD /path?query` of each request that came by `fetch`. */
  requests: string[];
  post(path: string, body: unknown, context?: RequestContext): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** A chat handler over stores in memory that lets everyone do everything, unless told otherwise. */
export function chatServer(options: Partial<ChatHandlerOptions>): ChatServer {
  const store = (options.store as OpenStore | undefined) ?? new OpenStore();
  const active = (options.active as MemoryActiveStreams | undefined) ?? new MemoryActiveStreams();
  const defaults = { store, active, authorize: () => true };
  const handler = createChatHandler({ ...defaults, ...options } as ChatHandlerOptions);
  const requests: string[] = [];
  const ask = (path: string, init: RequestInit = {}, context: RequestContext = {}) =>
    handler(new Request(new URL(path, BASE), init), context);
  return {
    store,
    active,
    handler,
    requests,
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input), BASE);
      requests.push(`${init?.method} ${pathname}${search}`);
      return ask(String(input), init);
    },
    post: (path, body, context) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return ask(`${handler.prefix}${path}`, { method: "POST", body: text }, context);
    },
    get: (path, headers = {}) => ask(`${handler.prefix}${path}`, { headers }),
  };
}

/** The body of a POST, as AI SDK's transport makes it. */
export function sendBody(id: string, text = "hi", more: Record<string, unknown> = {}) {
  const message = { id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] };
  return { id, messages: [message], trigger: "submit-message", ...more };
}
