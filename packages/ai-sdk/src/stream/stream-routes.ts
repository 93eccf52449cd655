import { cursorOf, resumeDurableStream } from "@streambed/core";
import type { RequestContext } from "@streambed/core";
import { ifAllowed } from "../authorize.ts";
import { HttpError } from "../http.ts";
import { readJsonBody } from "../read-json-body.ts";
import { selectModel, toModelTable } from "../select-model.ts";
import { Answers } from "./answers.ts";
import { directRoutes } from "./direct-routes.ts";
import type { JsonBody } from "./fields.ts";
import {
  parseChatRequest,
  parseStopRequest,
  parseStreamRequest,
  parseStructuredRequest,
} from "./parse-requests.ts";
import { Sessions } from "./sessions.ts";
import type { StreamHandlerOptions } from "./stream-handler-options.ts";
import { streamModel } from "./stream-model.ts";
import { streamObject } from "./stream-object.ts";

/** What answers one path. */
export interface Route {
  method: "GET" | "POST";
  answer(request: Request, context: RequestContext): Promise<Response>;
}

/** The routes of `createStreamHandler`, by their paths below the prefix. */
export function streamRoutes(options: StreamHandlerOptions): ReadonlyMap<string, Route> {
  const { store, authorize, heartbeatMs, maxBodyBytes = 1_048_576, conversation } = options;
  const bodyOf = (request: Request): Promise<JsonBody> => readJsonBody(request, maxBodyBytes);
  const models = toModelTable(options);
  const toolsets = new Map(Object.entries(options.toolsets ?? {}));
  const sessions =
    conversation && new Sessions(store, conversation.store, conversation.maxMessages ?? Infinity);
  const answers = new Answers(options, sessions);

  async function stream(request: Request, context: RequestContext): Promise<Response> {
    const wanted = parseStreamRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const id = crypto.randomUUID();
    return ifAllowed(authorize, request, { ...wanted, type: "start", id, model: key }, () =>
      answers.startInSession(
        id,
        wanted,
        (prompt, signal, describe) => streamModel({ ...prompt, model }, signal, describe),
        context,
      ),
    );
  }

  async function structured(request: Request, context: RequestContext): Promise<Response> {
    const wanted = parseStructuredRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const id = crypto.randomUUID();
    return ifAllowed(authorize, request, { ...wanted, type: "structured", id, model: key }, () =>
      answers.startInSession(
        id,
        wanted,
        (prompt, signal, describe) =>
          streamObject({ ...prompt, model }, wanted.schema, signal, describe),
        context,
      ),
    );
  }

  async function chat(request: Request, context: RequestContext): Promise<Response> {
    const wanted = parseChatRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const { messages, system, toolset, maxSteps } = wanted;
    const tools = toolset === undefined ? undefined : toolsets.get(toolset);
    if (toolset !== undefined && tools === undefined) {
      throw new HttpError(400, `unknown toolset ${JSON.stringify(toolset.slice(0, 64))}`);
    }
    const id = crypto.randomUUID();
    const action = { type: "chat", id, model: key, messages, system, toolset, maxSteps } as const;
    return ifAllowed(authorize, request, action, () =>
      answers.start(
        id,
        { system, messages },
        (prompt, signal, describe) =>
          streamModel({ ...prompt, model, tools, maxSteps }, signal, describe),
        context,
      ),
    );
  }

  async function resume(request: Request): Promise<Response> {
    const id = new URL(request.url).searchParams.get("id");
    if (id === null) throw new HttpError(400, "id is missing");
    return ifAllowed(authorize, request, { type: "resume", id }, () =>
      resumeDurableStream({ store, id, after: cursorOf(request), heartbeatMs }),
    );
  }

  async function stop(request: Request): Promise<Response> {
    const id = parseStopRequest(await bodyOf(request));
    return ifAllowed(authorize, request, { type: "stop", id }, async () => {
      await store.stop(id);
      return Response.json({ ok: true });
    });
  }

  return new Map<string, Route>([
    ["/stream", { method: "POST", answer: stream }],
    ["/stream/resume", { method: "GET", answer: resume }],
    ["/stream/stop", { method: "POST", answer: stop }],
    ["/structured", { method: "POST", answer: structured }],
    ["/chat", { method: "POST", answer: chat }],
    ...directRoutes(options, models, sessions, bodyOf),
  ]);
}
