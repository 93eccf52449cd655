import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";
import { streambed } from "@streambed/node";

export interface AnswerServer extends AsyncDisposable {
  /** Where answers are begun; `/resume` and `/stop` below it. */
  url: string;
  origin: string;
  store: MemoryStreamStore;
  /** `METHOD /path?query` of each request. */
  requests: string[];
}

interface AnswerServerOptions {
  /** What is answered to the body of a question. */
  answer: (body: unknown, signal: AbortSignal) => AsyncGenerator<string, void, undefined>;
  /** Pages, by their path. */
  pages?: Record<string, string> | undefined;
}

/** A server that answers with streams of Streambed, and serves pages that read them. */
export async function answerServer({
  answer,
  pages = {},
}: AnswerServerOptions): Promise<AnswerServer> {
  const store = new MemoryStreamStore();
  const requests: string[] = [];

  async function handle(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    const page = pages[pathname];
    if (page !== undefined) {
      const type = pathname.endsWith(".js") ? "text/javascript" : "text/html";
      return new Response(page, { headers: { "content-type": type } });
    }
    if (pathname === "/stream/resume") {
      return resumeDurableStream({
        store,
        id: searchParams.get("id") ?? "",
        after: cursorOf(request),
      });
    }
    if (request.method !== "POST") return Response.json({ error: "nothing here" }, { status: 404 });
    const body: unknown = await request.json();
    if (pathname === "/stream/stop") {
      await store.stop((body as { id: string }).id);
      return Response.json({ ok: true });
    }
    const { response } = await createDurableStream({
      store,
      source: (signal) => answer(body, signal),
    });
    return response;
  }

  const server = createServer(streambed(Object.assign(handle, { prefix: "" })));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/stream`,
    origin,
    store,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
