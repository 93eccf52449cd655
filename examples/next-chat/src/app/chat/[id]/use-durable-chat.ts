import { useChat } from "@ai-sdk/react";
import { StreamClientError } from "@streambed/client";
import type { DurableState } from "@streambed/client";
import { DurableChatTransport } from "@streambed/client/ai-sdk";
import { useEffect, useState } from "react";
import type { Message } from "../../../load-messages.ts";

/** `useChat` over a transport that reads on by itself, and what the server keeps of the chat. */
export function useDurableChat(id: string, kept: Message[], giveBack: (question: string) => void) {
  const [state, setState] = useState<DurableState>({ phase: "connecting" });
  const [transport] = useState(
    () =>
      new DurableChatTransport<Message>({ onState: setState, maxRetries: Infinity, fetch: ask }),
  );
  const chat = useChat<Message>({ id, messages: kept, transport, resume: true });
  const { messages, setMessages, sendMessage, resumeStream, status, error } = chat;

  const isAnswering = status === "submitted" || status === "streaming";
  /** The question may not have been taken, or its answer is not whole: what is kept tells. */
  const isInDoubt =
    status === "error"
      ? !StreamClientError.is(error) || error.code === "FAILED"
      : !isAnswering && state.phase === "ended" && state.end === "stopped";
  const isReading = state.phase !== "ended" && state.phase !== "idle";
  const isBusy = isAnswering || isInDoubt || isReading;

  useEffect(() => {
    if (isInDoubt) void resumeStream();
  }, [isInDoubt, resumeStream]);

  useEffect(() => {
    // Another tab may have gone on with the chat.
    const look = (): void => void (document.hidden || isBusy || resumeStream());
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [isBusy, resumeStream]);

  /** Whoever asks whether an answer is under way gets what is kept before it, too. */
  async function ask(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(input, init);
    const isReadingOn = new Headers(init.headers).has("last-event-id");
    if (init.method !== "GET" || isReadingOn || !response.ok) return response;
    const answer = await fetch(`/chat/${id}/messages`, { signal: init.signal });
    if (!answer.ok) return answer;
    const now = (await answer.json()) as Message[];
    setMessages((shown) => {
      const asked = shown.findLast(({ role }) => role === "user");
      if (asked && !now.some((message) => message.id === asked.id)) giveBack(textOf(asked));
      return now;
    });
    return response;
  }

  /** Ends the answer for all who read it. The stream then ends by itself. */
  const stop = (): Promise<void> => transport.stop(id);

  return { messages, sendMessage, stop, status, state, isAnswering, isBusy };
}

export function textOf({ parts }: Message): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
