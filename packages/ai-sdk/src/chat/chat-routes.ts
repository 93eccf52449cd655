import { cursorOf, resumeDurableStream, StreamError } from "@streambed/core";
import type { RequestContext } from "@streambed/core";
import { parseCursor } from "@streambed/core/codec";
import { ifAllowed } from "../authorize.ts";
import { errorResponse } from "../http.ts";
import { readJsonBody } from "../read-json-body.ts";
import { AnswerStarter } from "./answer-starter.ts";
import { ChatEncoding } from "./chat-encoding.ts";
import type { ChatAction, ChatHandlerOptions } from "./chat-handler-options.ts";
import { parseChatRequest, parseStopRequest } from "./parse-chat-request.ts";
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
  const { store, active, authorize, heartbeatMs, maxBodyBytes = 10_485_760 } = options;
  const generator = toGenerator(options);
  const settler = new Settler(options);
  const starter = new AnswerStarter(options, generator, settler);

  async function send({ request, context }: Call): Promise<Response> {
    const wanted = await parseChatRequest(await readJsonBody(request, maxBodyBytes));
    const model = generator.choose(wanted.model);
    const { chatId, messages, trigger } = wanted;
    const streamId = crypto.randomUUID();
    const action = { type: "send", chatId, streamId, model, messages, trigger } as const;
    return ifAllowed<ChatAction>(authorize, request, action, async () => {
      const response = await starter.start({ ...wanted, model, request, streamId }, context);
      return response ?? errorResponse(409, "an answer is under way in this chat");
    });
  }

  async function resume({ request, chatId }: Call): Promise<Response> {
    return ifAllowed<ChatAction>(authorize, request, { type: "resume", chatId }, () =>
      follow(chatId, parseCursor(cursorOf(request))),
    );
  }

  async function follow(chatId: string, after: number): Promise<Response> {
    const id = await active.get(chatId);
    const status = id === null ? null : await store.getStatus(id);
    if (id === null || status?.state !== "active") {
      // Whoever generated may have died before it could tidy up.
      if (id !== null) await settler.settle(chatId, id);
      return new Response(null, { status: 204 });
    }
    if (after > status.totalChunks) {
      throw new StreamError("INVALID_CURSOR", `the cursor ${after} is past the last chunk`);
    }
    const encoding = new ChatEncoding(after);
    const response = await resumeDurableStream({ store, id, heartbeatMs, encoding });
    // Expired between the two looks.
    return response.status === 404 ? new Response(null, { status: 204 }) : response;
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
