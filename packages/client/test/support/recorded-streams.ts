import { createServer } from "node:http";
import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import { MemoryStreamStore } from "@streambed/memory";
import { streambed } from "@streambed/node";
import { onTestFinished } from "vitest";
import { listen } from "./listen.ts";

/** What every answer of {@link recordedStreams} says: all that a cut could make something else of. */
export const EVENTS: { event: string; data: string }[] = [
  { event: "", data: "aé€😀" },
  { event: "", data: "" },
  { event: "reasoning", data: "one\r\ntwo\rthree\nfour" },
  { event: "", data: "\r" },
  { event: "", data: "\n" },
  { event: "", data: "data: x\n\nevent: done\ndata: \n\nid: 1" },
  { event: "usage", data: '{"inputTokens":1}' },
  { event: "", data: " \u2028\ufeff 👩‍👩‍👧 ü" },
  { event: "", data: "\0: end" },
];
/** Nobody may take it for the code of a reader that cannot go on. */
export const ERROR = "boom:\r\n😀 event: done";

export type Ending = "done" | "stopped" | "error";

/**
 * A server of real streams: `GET /stream/resume?id=done`, `stopped` or `error` reads one that has ended that way,
 * `POST /stream` begins one. A comment follows each event. Resolves to its origin.
 */
export async function recordedStreams(): Promise<string> {
  const store = new MemoryStreamStore();
  for (const id of ["done", "stopped", "error"] as const) {
    const { finished } = await createDurableStream({ store, id, source: sourceOf(id, store) });
    await finished;
  }
  async function handle(request: Request): Promise<Response> {
    const id = new URL(request.url).searchParams.get("id");
    if (id !== null) {
      return withComments(await resumeDurableStream({ store, id, after: cursorOf(request) }));
    }
    const ending = (await request.json()) as Ending;
    const question = crypto.randomUUID();
    const source = sourceOf(ending, store, question);
    return withComments((await createDurableStream({ store, id: question, source })).response);
  }
  const handler = Object.assign(handle, { prefix: "/stream" });
  const listening = await listen(createServer(streambed(handler)));
  onTestFinished(() => listening[Symbol.asyncDispose]());
  return listening.origin;
}

async function* sourceOf(ending: Ending, store: MemoryStreamStore, id: string = ending) {
  yield* EVENTS;
  if (ending === "error") throw new Error(ERROR);
  if (ending === "stopped") {
    while ((await store.getStatus(id))?.totalChunks !== EVENTS.length) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await store.stop(id);
  }
}

function withComments(response: Response): Response {
  const comment = new TextEncoder().encode(": heartbeat\n\n");
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        controller.enqueue(piece);
        controller.enqueue(comment);
      },
    }),
  );
  return new Response(body ?? null, response);
}
