import { StreamError } from "@streambed/core";
import type { RequestContext } from "@streambed/core";
import { ifAllowed } from "../authorize.ts";
import { errorResponse } from "../http.ts";
import { readJsonBody } from "../read-json-body.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { Wanted } from "./answer-reader.ts";
import { AnswerStarter } from "./answer-starter.ts";
import type { ChatAction, ChatHandlerOptions } from "./chat-handler-options.ts";
import { isStreamOfChat, newChatStreamId } from "./chat-stream-id.ts";
import { parseChatRequest, parseStopRequest } from "./parse-chat-request.ts";
import { namedStreamOf, parseAnyCursor } from "./parse-resume-request.ts";
import { Settler } from "./settler.ts";
import { toGenerator } from "./to-generator.ts";

interface Call {
  request: Request;
  context: RequestContext;
  /** As the path has it. */
  chatId: string;
}

interface Route {
  method: "GET" | "POST";
  answer(call: Call): Promise<Response>;
}

/** The routes of `createChatHandler`. */
export function chatRoutes(options: ChatHandlerOptions): Record<"send" | "resume" | "stop", Route> {
  const { store, active, authorize, maxBodyBytes = 10_485_760 } = options;
  const generator = toGenerator(options);
  const settler = new Settler(options);
  const starter = new AnswerStarter(options, generator, settler);
  const reader = new AnswerReader(options, settler);

  async function send({ request, context }: Call): Promise<Response> {
    const wanted = await parseChatRequest(await readJsonBody(request, maxBodyBytes));
    const model = generator.choose(wanted.model);
    const { chatId, messages, trigger } = wanted;
    const streamId = newChatStreamId(chatId);
    const action = { type: "send", chatId, streamId, model, messages, trigger } as const;
    return ifAllowed<ChatAction>(authorize, request, action, async () => {
      const response = await starter.start({ ...wanted, model, request, streamId }, context);
      return response ?? errorResponse(409, "an answer is under way in this chat");
    });
  }

  async function resume({ request, chatId }: Call): Promise<Response> {
    const named = namedStreamOf(request);
    const streamId = named !== null && isStreamOfChat(named, chatId) ? named : undefined;
    const action = { type: "resume", chatId, streamId } as const;
    return ifAllowed<ChatAction>(authorize, request, action, async () => {
      const after = parseAnyCursor(request);
      // Not even looked for: it may be there, in a chat that this request must not read.
      if (named !== null && streamId === undefined) throw noSuchStream();
      return follow(streamId, { chatId, after });
    });
  }

  async function follow(streamId: string | undefined, wanted: Wanted): Promise<Response> {
    if (streamId !== undefined && wanted.after !== undefined) {
      // A cursor counts in one stream only.
      const rest = await reader.named(streamId, wanted);
      if (rest === undefined) throw noSuchStream();
      return rest;
    }
    return (
      (await reader.underWay(wanted)) ??
      (streamId === undefined ? undefined : await reader.named(streamId, wanted)) ??
      new Response(null, { status: 204 })
    );
  }

  async function stop({ request, chatId }: Call): Promise<Response> {
    const only = await parseStopRequest(request, maxBodyBytes);
    return ifAllowed<ChatAction>(authorize, request, { type: "stop", chatId }, async () => {
      const id = await active.get(chatId);
      if (id !== null && (only === undefined || only === id)) {
        await store.stop(id).catch((error: unknown) => {
          if (!StreamError.is(error, "NOT_FOUND")) throw error;
        });
      }
      return Response.json({ ok: true });
    });
  }

  return {
    send: { method: "POST", answer: send },
    resume: { method: "GET", answer: resume },
    stop: { method: "POST", answer: stop },
  };
}

function noSuchStream(): StreamError {
  return new StreamError("NOT_FOUND", "there is no such stream in this chat");
}
