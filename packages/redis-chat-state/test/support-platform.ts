import { Message, parseMarkdown, stringifyMarkdown } from "chat";
import type { Adapter, ChatInstance, WebhookOptions } from "chat";

/** What the platform sends to a bot, and what of it each message carries along, through every queue. */
export interface PlatformMessage {
  id: string;
  threadId: string;
  text: string;
  /** What its handler is to do: wait that long, or until the bot's gate is opened. */
  ms: number | "gate";
}

/** The least that a platform of the Chat SDK is: messages come in by webhook, and nothing goes out. */
export class PlatformAdapter implements Adapter<string, PlatformMessage> {
  readonly name = "platform";
  readonly userName = "bot";
  #chat: ChatInstance | undefined;

  async initialize(chat: ChatInstance): Promise<void> {
    this.#chat = chat;
  }

  async handleWebhook(request: Request, options?: WebhookOptions): Promise<Response> {
    const message = this.parseMessage((await request.json()) as PlatformMessage);
    // As real platforms do: the rest goes to `waitUntil`.
    this.#chat?.processMessage(this, message.threadId, message, options).catch(() => {});
    return new Response("accepted");
  }

  parseMessage(raw: PlatformMessage): Message<PlatformMessage> {
    const { id, threadId, text } = raw;
    const author = { userId: "u", userName: "ada", fullName: "Ada", isBot: false, isMe: false };
    const metadata = { dateSent: new Date(), edited: false };
    const formatted = parseMarkdown(text);
    return new Message({ id, threadId, text, formatted, raw, author, metadata, attachments: [] });
  }

  channelIdFromThreadId = (threadId: string): string => threadId.split(":").slice(0, 2).join(":");
  encodeThreadId = (threadId: string): string => threadId;
  decodeThreadId = (threadId: string): string => threadId;
  renderFormatted = stringifyMarkdown;
  fetchMessages = (): Promise<{ messages: [] }> => Promise.resolve({ messages: [] });

  addReaction = nothingGoesOut;
  removeReaction = nothingGoesOut;
  postMessage = nothingGoesOut;
  editMessage = nothingGoesOut;
  deleteMessage = nothingGoesOut;
  fetchThread = nothingGoesOut;
  startTyping = nothingGoesOut;
}

function nothingGoesOut(): Promise<never> {
  return Promise.reject(new Error("this platform takes nothing"));
}
