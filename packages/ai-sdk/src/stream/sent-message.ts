import type { ModelMessage } from "ai";
import { HttpError } from "../http.ts";
import { isRecord, optionalString, optionalText } from "./fields.ts";
import type { JsonBody } from "./fields.ts";

/** A message as clients send it. */
export interface SentMessage {
  role: "system" | "user" | "assistant";
  content: string;
  attachments: Attachment[];
}

/** A file that came with a message. */
export interface Attachment {
  mediaType: string;
  /** In base64. */
  data: string;
  name: string | undefined;
}

const ROLES: readonly unknown[] = ["system", "user", "assistant"];
const DATA_URL = /^data:([^;,]+)(?:;[^,]*)?;base64,/;

/**
 * The `messages` of a body, without those that say nothing, which providers refuse.
 *
 * @throws HttpError 400 unless they are a list of `{ role, content, attachments? }`, of which the last says something
 */
export function parseMessages(body: JsonBody): SentMessage[] {
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new HttpError(400, "messages must be a list of at least one message");
  }
  const sent = messages.map(parseMessage);
  if (isBlank(sent.at(-1)!)) {
    throw new HttpError(400, "the last of messages must have more than white space");
  }
  return sent.filter((message) => !isBlank(message));
}

/** As the AI SDK takes them; what they say as `system` goes to `toSystem`. */
export function toModelMessages(
  messages: readonly { role: string; content: string; attachments?: Attachment[] }[],
): ModelMessage[] {
  return messages.flatMap(({ role, content, attachments = [] }): ModelMessage[] => {
    if (role === "assistant") return [{ role, content }];
    if (role !== "user") return [];
    if (attachments.length === 0) return [{ role, content }];
    const files = attachments.map(
      ({ mediaType, data, name }) => ({ type: "file", mediaType, data, filename: name }) as const,
    );
    const text = content.trim() === "" ? [] : [{ type: "text", text: content } as const];
    return [{ role, content: [...text, ...files] }];
  });
}

/** What a model is told first: `system`, and what messages say as that; undefined if nothing. */
export function toSystem(
  system: string | undefined,
  messages: readonly { role: string; content: string }[],
): string | undefined {
  const told = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const all = [system, ...told].filter((text) => text !== undefined && text.trim() !== "");
  return all.length === 0 ? undefined : all.join("\n\n");
}

function parseMessage(message: unknown): SentMessage {
  if (!isRecord(message)) throw new HttpError(400, "each of messages must be an object");
  const { role, content, attachments = [] } = message;
  if (!ROLES.includes(role)) {
    throw new HttpError(400, "the role of each message must be system, user or assistant");
  }
  if (typeof content !== "string") {
    throw new HttpError(400, "the content of each message must be a string");
  }
  if (!Array.isArray(attachments)) throw new HttpError(400, "attachments must be a list");
  const files = attachments.map(parseAttachment);
  if (files.length > 0 && role !== "user") {
    throw new HttpError(400, "only a message of the user can have attachments");
  }
  const text = content.toWellFormed();
  return { role: role as SentMessage["role"], content: text, attachments: files };
}

/**
 * `{ mediaType, data }` with base64 or a data URL as `data`. No other URL: the server would fetch for a stranger
 * what only it can reach.
 */
function parseAttachment(attachment: unknown): Attachment {
  if (!isRecord(attachment)) throw new HttpError(400, "each of attachments must be an object");
  const given = optionalString(attachment, "data") ?? optionalString(attachment, "url") ?? "";
  const [head = "", typeInUrl] = DATA_URL.exec(given) ?? [];
  const mediaType =
    optionalText(attachment, "mediaType") ?? optionalText(attachment, "mimeType") ?? typeInUrl;
  const data = given.slice(head.length);
  if (mediaType === undefined || !/^[\w.+-]+\/[\w.+-]+$/.test(mediaType)) {
    throw new HttpError(400, "each of attachments must have a mediaType");
  }
  if (!/^[\w+/-]+={0,2}$/.test(data) || data.replace(/=+$/, "").length % 4 === 1) {
    throw new HttpError(400, "each of attachments must have data in base64");
  }
  return { mediaType, data, name: optionalText(attachment, "name") };
}

function isBlank({ content, attachments }: SentMessage): boolean {
  return content.trim() === "" && attachments.length === 0;
}
