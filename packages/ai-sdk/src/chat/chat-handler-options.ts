import type { ActiveStreams, StreamStore } from "@streambed/core";
import type { ConversationStore } from "@streambed/core/conversation";
import type { LanguageModel, UIMessage } from "ai";
import type { Authorize } from "../authorize.ts";
import type { ChatMessage } from "./chat-conversation.ts";
import type { ChatItem } from "./to-ui-chunks.ts";

/** What is to be answered. */
export interface ChatTurn {
  chatId: string;
  /** The conversation, for the model; the last message is what is to be answered. */
  messages: UIMessage[];
  /** Why: a new message, or another answer to an old one. */
  trigger: "submit-message" | "regenerate-message";
  /** The key in `models` that the body names. */
  model: string | undefined;
  /** The body as the client sent it, extra fields too. None of it is to be trusted. */
  body: Record<string, unknown>;
  request: Request;
  /** Aborts when the answer is stopped, from any process. Not when the client goes away. */
  signal: AbortSignal;
}

/** Answers a turn with text, or with AI SDK's UI message chunks, from any source. */
export type Generate = (
  turn: ChatTurn,
) => AsyncIterable<ChatItem> | Promise<AsyncIterable<ChatItem>>;

/** What a request wants to do with a chat. */
export type ChatAction =
  | {
      type: "send";
      chatId: string;
      /** The id that the answer's stream will have. */
      streamId: string;
      /** The key in `models`. */
      model: string | undefined;
      messages: UIMessage[];
      trigger: ChatTurn["trigger"];
    }
  | {
      type: "resume";
      chatId: string;
      /** The stream of this chat that the request names, if it names one; it may not exist. */
      streamId: string | undefined;
    }
  | { type: "stop"; chatId: string };

export type ChatHandlerOptions = ChatHandlerSettings &
  (
    | { model: LanguageModel; models?: never; generate?: never }
    | {
        /** Models by the key with which a request's body names them (`model`). The first is the default. */
        models: Record<string, LanguageModel>;
        model?: never;
        generate?: never;
      }
    | { generate: Generate; model?: never; models?: never }
  );

export interface ChatHandlerSettings {
  /** Where answers are kept. */
  store: StreamStore;
  /** Where it is kept which answer a chat is waiting for. */
  active: ActiveStreams;
  /**
   * Sees every request with what it wants to do. Chats' ids come from clients and can be guessed: this is
   * what keeps a chat to those whose it is, and there is no handler without it.
   */
  authorize: Authorize<ChatAction>;
  /**
   * Keeps what is said: each question when it is asked, each answer when it has ended, or what there is of
   * it. The model then sees what is kept, and not what the client says was said. @default clients keep it
   */
  conversation?:
    | {
        store: ConversationStore<ChatMessage>;
        /** How many messages the model sees, the newest. @default all */
        maxMessages?: number | undefined;
      }
    | undefined;
  /** The path of `useChat`'s `api`. @default "/api/chat" */
  api?: string | undefined;
  /** What the model is told first. Not with `generate`, which has its own say. */
  system?: string | undefined;
  /** A message that comes while an answer is under way: refused with 409, or it stops that answer and takes over. @default "refuse" */
  whenBusy?: "refuse" | "take over" | undefined;
  /** The longest body that is read. @default 10_485_760 */
  maxBodyBytes?: number | undefined;
  /** After how long without a sign of life a generation counts as lost. @default 15_000 */
  leaseMs?: number | undefined;
  /** How long an answer's stream is kept after its end. @default the store's `ttlSec` */
  ttlSec?: number | undefined;
  /** Pause between comments that keep a quiet connection open. @default 15_000 */
  heartbeatMs?: number | undefined;
  /** The text that readers get when a generation fails. @default the error's message */
  describeError?: ((error: unknown) => string) | undefined;
}
