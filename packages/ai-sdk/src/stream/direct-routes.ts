import { ifAllowed } from "../authorize.ts";
import { HttpError } from "../http.ts";
import { toDescribe } from "../model-error.ts";
import { selectModel } from "../select-model.ts";
import type { ModelTable } from "../select-model.ts";
import type { JsonBody } from "./fields.ts";
import type { ModelCall } from "./model-parts.ts";
import { parseCompleteRequest, parseMessagesRequest } from "./parse-requests.ts";
import { toSystem } from "./sent-message.ts";
import type { Sessions } from "./sessions.ts";
import type { StreamHandlerSettings } from "./stream-handler-options.ts";
import { streamModelText } from "./stream-model.ts";
import type { Route } from "./stream-routes.ts";
import { toTextStream } from "./to-text-stream.ts";
import { toTranscript } from "./to-transcript.ts";

const TITLE_PROMPT =
  "Give this conversation a title of at most six words, in its own language. Answer with the title alone, without quotation marks.";
const COMPACT_PROMPT =
  "Sum this conversation up for somebody who goes on with it: what was asked, what was found and decided, names, numbers and open questions. Be brief. Answer with the summary alone, in the language of the conversation.";

/** The routes whose answers are not stored: whoever asked waits for them, and leaving ends the call to the model. */
export function directRoutes(
  settings: StreamHandlerSettings,
  models: ModelTable,
  sessions: Sessions | undefined,
  bodyOf: (request: Request) => Promise<JsonBody>,
): [string, Route][] {
  const { authorize, conversation } = settings;
  const describe = toDescribe(settings.describeError);

  async function complete(request: Request): Promise<Response> {
    const wanted = parseCompleteRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const { input, system } = wanted;
    return ifAllowed(
      authorize,
      request,
      { type: "complete", model: key, input, system },
      async () => {
        const messages = [{ role: "user", content: input } as const];
        return asText(
          await whole({ model, system: toSystem(system, []), messages }, request.signal),
        );
      },
    );
  }

  async function title(request: Request): Promise<Response> {
    const wanted = parseMessagesRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const { messages } = wanted;
    return ifAllowed(authorize, request, { type: "title", model: key, messages }, async () => {
      const leaving = new AbortController();
      const signal = AbortSignal.any([request.signal, leaving.signal]);
      const call = { model, system: TITLE_PROMPT, messages: toTranscript(messages) };
      const text = await toTextStream(streamModelText(call, signal), leaving).catch(fail);
      if (text === undefined) throw new HttpError(502, "the model gave no title");
      return asText(text);
    });
  }

  async function compact(request: Request): Promise<Response> {
    const wanted = parseMessagesRequest(await bodyOf(request));
    const { key, model } = selectModel(models, wanted.model);
    const { messages, sessionId } = wanted;
    const action = { type: "compact", model: key, messages, sessionId } as const;
    return ifAllowed(authorize, request, action, async () => {
      const system = conversation?.compactSystemPrompt ?? COMPACT_PROMPT;
      let before = 0;
      let summary = "";
      const summarise = async (all: Parameters<typeof toTranscript>[0]): Promise<string> => {
        before = all.reduce((sum, { content }) => sum + tokensIn(content), 0);
        summary = (
          await whole({ model, system, messages: toTranscript(all) }, request.signal)
        ).trim();
        if (summary === "") throw new HttpError(502, "the model gave no summary");
        return summary;
      };
      if (sessions === undefined || sessionId === undefined) await summarise(messages);
      else await sessions.compact(sessionId, messages, summarise);
      return Response.json({ summary, tokensSaved: Math.max(0, before - tokensIn(summary)) });
    });
  }

  async function whole(call: ModelCall, signal: AbortSignal): Promise<string> {
    let text = "";
    try {
      for await (const piece of streamModelText(call, signal)) text += piece;
    } catch (error) {
      fail(error);
    }
    return text;
  }

  function fail(error: unknown): never {
    throw new HttpError(502, describe(error));
  }

  return [
    ["/complete", { method: "POST", answer: complete }],
    ["/title", { method: "POST", answer: title }],
    ["/compact", { method: "POST", answer: compact }],
  ];
}

function asText(body: string | ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

/** By rule of thumb: what a provider counts is the price of this call, not of the ones to come. */
function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}
