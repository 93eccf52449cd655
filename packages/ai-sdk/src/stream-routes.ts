import { createDurableStream, cursorOf, resumeDurableStream } from "@streambed/core";
import type { RequestContext } from "@streambed/core";
import { refuse } from "./authorize.ts";
import { HttpError } from "./http.ts";
import { describeModelError } from "./model-error.ts";
import { parseStopRequest, parseStreamRequest } from "./parse-stream-request.ts";
import { readJsonBody } from "./read-json-body.ts";
import { selectModel, toModelTable } from "./select-model.ts";
import type { StreamHandlerOptions } from "./stream-handler-options.ts";
import { streamModel } from "./stream-model.ts";

/** What answers one path. */
export interface Route {
  method: "GET" | "POST";
  answer(request: Request, context: RequestContext): Promise<Response>;
}

/** The routes of `createStreamHandler`, by their paths below the prefix. */
export function streamRoutes(options: StreamHandlerOptions): ReadonlyMap<string, Route> {
  const { store, authorize, heartbeatMs, leaseMs, ttlSec } = options;
  const { maxBodyBytes = 1_048_576, describeError = describeModelError } = options;
  const models = toModelTable(options);

  async function start(request: Request, context: RequestContext): Promise<Response> {
    const wanted = parseStreamRequest(await readJsonBody(request, maxBodyBytes));
    const { prompt, system, sessionId } = wanted;
    const { key, model } = selectModel(models, wanted.model);
    const id = crypto.randomUUID();
    const action = { type: "start", id, model: key, prompt, system, sessionId } as const;
    const refusal = await refuse(authorize, request, action);
    if (refusal !== undefined) return refusal;
    const { response } = await createDurableStream({
      store,
      id,
      // Not the request's signal: an answer does not end because its first reader has left.
      source: (signal) => streamModel({ model, prompt, system }, signal),
      leaseMs,
      ttlSec,
      heartbeatMs,
      describeError,
      waitUntil: context.waitUntil,
    });
    return response;
  }

  async function resume(request: Request): Promise<Response> {
    const id = new URL(request.url).searchParams.get("id");
    if (id === null) throw new HttpError(400, "id is missing");
    const refusal = await refuse(authorize, request, { type: "resume", id });
    if (refusal !== undefined) return refusal;
    return resumeDurableStream({ store, id, after: cursorOf(request), heartbeatMs });
  }

  async function stop(request: Request): Promise<Response> {
    const id = parseStopRequest(await readJsonBody(request, maxBodyBytes));
    const refusal = await refuse(authorize, request, { type: "stop", id });
    if (refusal !== undefined) return refusal;
    await store.stop(id);
    return Response.json({ ok: true });
  }

  return new Map<string, Route>([
    ["/stream", { method: "POST", answer: start }],
    ["/stream/resume", { method: "GET", answer: resume }],
    ["/stream/stop", { method: "POST", answer: stop }],
  ]);
}
