import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import type { RequestHandler } from "@streambed/core";
import type { MemoryStreamStore } from "@streambed/memory";

/** What is answered to the body of a question. */
export type Answer = (
  body: unknown,
  signal: AbortSignal,
) => AsyncGenerator<string, void, undefined>;

/** Begins, resumes and stops streams below `/stream`. */
export function answersHandler(store: MemoryStreamStore, answer: Answer): RequestHandler {
  const handle = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/stream/resume") {
      const id = searchParams.get("id") ?? "";
      return resumeDurableStream({ store, id, after: cursorOf(request) });
    }
    if (request.method !== "POST") return Response.json({ error: "nothing here" }, { status: 404 });
    const body: unknown = await request.json();
    if (pathname === "/stream/stop") {
      await store.stop((body as { id: string }).id);
      return Response.json({ ok: true });
    }
    const source = (signal: AbortSignal) => answer(body, signal);
    return (await createDurableStream({ store, source })).response;
  };
  return Object.assign(handle, { prefix: "/stream" });
}
