import { assertSessionId } from "@streambed/core/store-kit";
import { HttpError } from "../http.ts";
import { isRecord, optionalCount, optionalString, optionalText, requiredText } from "./fields.ts";
import type { JsonBody } from "./fields.ts";
import { parseMessages } from "./sent-message.ts";
import type { SentMessage } from "./sent-message.ts";

/** The body of `POST /stream`. */
export interface StreamRequest {
  prompt: string;
  system: string | undefined;
  /** A key of `models`. */
  model: string | undefined;
  sessionId: string | undefined;
}

/** The body of `POST /structured`. */
export interface StructuredRequest extends StreamRequest {
  /** JSON Schema. */
  schema: Record<string, unknown> | undefined;
}

/** The body of `POST /compact` and, without a session, of `POST /title`. */
export interface MessagesRequest {
  messages: SentMessage[];
  model: string | undefined;
  sessionId: string | undefined;
}

/** The body of `POST /chat`. */
export interface ChatRequest {
  messages: SentMessage[];
  system: string | undefined;
  model: string | undefined;
  toolset: string | undefined;
  maxSteps: number | undefined;
}

/** How deep a schema may nest: what writes it to a provider goes down into it. */
const SCHEMA_DEPTH = 64;
const MOST_STEPS = 50;

/** @throws HttpError 400, StreamError `INVALID_ID` */
export function parseStreamRequest(body: JsonBody): StreamRequest {
  const prompt = requiredText(body, "prompt");
  const system = optionalText(body, "system");
  return { prompt, system, model: modelOf(body), sessionId: sessionOf(body) };
}

/** @throws HttpError 400, StreamError `INVALID_ID` */
export function parseStructuredRequest(body: JsonBody): StructuredRequest {
  const schema = body["schema"] ?? undefined;
  if (schema !== undefined && !isRecord(schema)) {
    throw new HttpError(400, "schema must be a JSON Schema, an object");
  }
  if (isDeeperThan(SCHEMA_DEPTH, schema)) throw new HttpError(400, "schema nests too deep");
  return { ...parseStreamRequest(body), schema };
}

/** @throws HttpError 400 */
export function parseChatRequest(body: JsonBody): ChatRequest {
  const messages = parseMessages(body);
  if (messages.at(-1)?.role === "system") {
    throw new HttpError(400, "the last of messages must be one to answer");
  }
  return {
    messages,
    system: optionalText(body, "system"),
    model: modelOf(body),
    toolset: optionalString(body, "toolset"),
    maxSteps: optionalCount(body, "maxSteps", MOST_STEPS),
  };
}

/** @throws HttpError 400, StreamError `INVALID_ID` */
export function parseMessagesRequest(body: JsonBody): MessagesRequest {
  return { messages: parseMessages(body), model: modelOf(body), sessionId: sessionOf(body) };
}

/** The body of `POST /complete`. @throws HttpError 400 */
export function parseCompleteRequest(body: JsonBody): {
  input: string;
  system: string | undefined;
  model: string | undefined;
} {
  const input = requiredText(body, "input");
  return { input, system: optionalText(body, "system"), model: modelOf(body) };
}

/** The id in the body of `POST /stream/stop`. @throws HttpError 400 */
export function parseStopRequest(body: JsonBody): string {
  const id = optionalString(body, "id");
  if (id === undefined) throw new HttpError(400, "id must be a string");
  return id;
}

function modelOf(body: JsonBody): string | undefined {
  return optionalString(body, "model");
}

function sessionOf(body: JsonBody): string | undefined {
  const sessionId = optionalString(body, "sessionId");
  if (sessionId !== undefined) assertSessionId(sessionId);
  return sessionId;
}

function isDeeperThan(most: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item) : [],
    );
  }
  return false;
}
