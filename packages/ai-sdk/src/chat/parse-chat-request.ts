import { safeValidateUIMessages } from "ai";
import type { UIMessage } from "ai";
import { HttpError } from "../http.ts";
import { readJsonBody } from "../read-json-body.ts";
import type { ChatTurn } from "./chat-handler-options.ts";
import { assertShortChatId } from "./chat-stream-id.ts";

/** The body of `POST {api}`, as AI SDK's `DefaultChatTransport` sends it. */
export type ChatRequest = Pick<ChatTurn, "chatId" | "messages" | "trigger" | "model" | "body">;

/**
 * A body with all messages, or with the last one as `message` where `prepareSendMessagesRequest` sends that.
 *
 * @throws HttpError 400, StreamError `INVALID_ID`
 */
export async function parseChatRequest(body: Record<string, unknown>): Promise<ChatRequest> {
  const { id: chatId, trigger = "submit-message" } = body;
  const model = body["model"] ?? undefined;
  if (typeof chatId !== "string") throw new HttpError(400, "id must be a string");
  assertShortChatId(chatId);
  if (trigger !== "submit-message" && trigger !== "regenerate-message") {
    throw new HttpError(400, "trigger must be submit-message or regenerate-message");
  }
  if (model !== undefined && typeof model !== "string") {
    throw new HttpError(400, "model must be a string");
  }
  const listed = body["messages"] ?? (body["message"] === undefined ? [] : [body["message"]]);
  const messages = Array.isArray(listed) ? listed.map(withoutRawInput) : listed;
  const checked = await safeValidateUIMessages<UIMessage>({ messages });
  if (!checked.success || checked.data.length === 0) {
    throw new HttpError(400, "messages must be UI messages, at least one");
  }
  if (checked.data.at(-1)?.role === "system") {
    throw new HttpError(400, "the last message must be one to answer");
  }
  return { chatId, messages: checked.data, trigger, model, body };
}

/**
 * AI SDK 6's clients keep the input of a failed call as `rawInput`, at which AI SDK 7 warns on the console.
 * Both take it as `input`.
 */
function withoutRawInput(message: unknown): unknown {
  if (!isRecord(message) || !Array.isArray(message["parts"])) return message;
  const parts = message["parts"].map((part: unknown) => {
    if (!isRecord(part) || part["state"] !== "output-error") return part;
    const { rawInput, ...rest } = part;
    return { ...rest, input: rest["input"] ?? rawInput };
  });
  return { ...message, parts };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * The one stream that the body of `POST {api}/:chatId/stop` means (`streamId`), if it names one: a stop that
 * comes late must not hit the next answer. There need be no body.
 *
 * @throws HttpError 400, 413
 */
export async function parseStopRequest(
  request: Request,
  maxBodyBytes: number,
): Promise<string | undefined> {
  const { streamId } = await readJsonBody(request, maxBodyBytes, {});
  if (streamId !== undefined && streamId !== null && typeof streamId !== "string") {
    throw new HttpError(400, "streamId must be a string");
  }
  return streamId ?? undefined;
}
