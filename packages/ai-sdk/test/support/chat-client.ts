import type { Chat, UIMessage } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import type { ChatServer } from "./chat-server.ts";
import type { Spec } from "./scripted-model.ts";

/** A version of the AI SDK: what `useChat` is made of, and the models that it knows. */
export interface ChatVersion {
  Chat: typeof Chat;
  spec: Spec;
}

type ChatInit = ConstructorParameters<typeof Chat>[0];
type TransportInit = ConstructorParameters<typeof DefaultChatTransport>[0];

export interface OpenedChat {
  chat: Chat<UIMessage>;
  /** What `onFinish` and `onError` were called with. */
  finished: Record<string, unknown>[];
  errors: Error[];
  /** The parts of the answer, if it is the last message, as short as they come: `text done: abc`. */
  parts(): string[];
}

/** What `useChat` opens in a browser that talks to this server. */
export function openChat(
  { Chat: AnyChat }: ChatVersion,
  { fetch }: Pick<ChatServer, "fetch">,
  init: Partial<ChatInit> & { transportInit?: TransportInit } = {},
): OpenedChat {
  const { transportInit, ...chatInit } = init;
  const finished: Record<string, unknown>[] = [];
  const errors: Error[] = [];
  const chat = new AnyChat<UIMessage>({
    id: "c1",
    transport: new DefaultChatTransport({ fetch, ...transportInit }),
    onFinish: (event) => void finished.push({ ...event }),
    onError: (error) => void errors.push(error),
    ...chatInit,
  });
  return { chat, finished, errors, parts: () => partsOf(chat.lastMessage) };
}

/** `type state: text` of each part of an answer; steps are left out. */
export function partsOf(message: UIMessage | undefined): string[] {
  return (message?.role === "assistant" ? message.parts : [])
    .filter((part) => part.type !== "step-start")
    .map((part) => {
      const state = "state" in part ? ` ${part.state}` : "";
      return `${part.type}${state}${"text" in part ? `: ${part.text}` : ""}`;
    });
}
