import { useChat } from "@ai-sdk/react";
import { APICallError, DefaultChatTransport } from "ai";
import { useEffect, useRef } from "react";
import type { Message } from "../../../load-messages.ts";

const RETRY_MS = 1_000;

interface Options {
  id: string;
  /** What was kept when the page was made. */
  kept: Message[];
  /** Gets a question back that the server has not taken. */
  giveBack: (question: string) => void;
}

/**
 * `useChat` that also outlasts a network that goes away, and shows what is kept where it has missed something:
 * each time that it asks for the answer that is under way, it takes what is kept as well. Of an answer that has
 * ended meanwhile there is nothing to read on.
 */
export function useLastingChat({ id, kept, giveBack }: Options) {
  const sent = useRef(0);
  const transport = new DefaultChatTransport<Message>({
    fetch: (input, init) => (init?.method === "POST" ? send(input, init) : resume(input, init)),
  });
  const chat = useChat<Message>({
    id,
    messages: kept,
    resume: true,
    transport,
    onFinish({ isAbort, isError, finishReason }) {
      // Without a reason it was stopped, or cut off where that does not show.
      if (!isAbort && !isError && finishReason === undefined) setTimeout(() => void resumeStream());
    },
  });

  const { messages, setMessages, sendMessage, resumeStream, stop, status, error } = chat;

  useEffect(() => {
    if (status !== "error" || isRefusal(error)) return undefined;
    const timer = setTimeout(() => void resumeStream(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [status, error, resumeStream]);

  useEffect(() => {
    // A connection from before may hang for ever. Here, `stop` only closes it.
    const readOn = (): void => void stop().then(() => resumeStream());
    window.addEventListener("online", readOn);
    return () => window.removeEventListener("online", readOn);
  }, [stop, resumeStream]);

  async function send(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
    const response = await fetch(input, init);
    if (!response.ok) setMessages((shown) => withoutLost(shown, shown.slice(0, -1)));
    return response;
  }

  async function resume(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const before = sent.current;
    const response = await fetch(input, init);
    if (!response.ok) return response;
    const answer = await fetch(`/chat/${id}/messages`, init);
    if (!answer.ok) return answer;
    const now = (await answer.json()) as Message[];
    // Who has asked something meanwhile has moved on.
    if (sent.current !== before) return response;
    setMessages((shown) => {
      const list = withoutLost(shown, now);
      const growing = response.status === 200 ? shown.at(-1) : undefined;
      const isGrowing =
        growing?.role === "assistant" && !list.some(({ id: it }) => it === growing.id);
      return isGrowing ? [...list, growing] : list;
    });
    return response;
  }

  /** `now`; the question that was shown and is not in it is given back. */
  function withoutLost(shown: Message[], now: Message[]): Message[] {
    const asked = shown.findLast(({ role }) => role === "user");
    if (asked && !now.some((message) => message.id === asked.id)) giveBack(textOf(asked));
    return now;
  }

  function ask(text: string): Promise<void> {
    sent.current++;
    return sendMessage({ text });
  }

  return { messages, ask, status, error };
}

/** What would be refused again. A 409 only says that another answer is under way: that one can be read. */
function isRefusal(error: Error | undefined): boolean {
  const { statusCode = 500 } = APICallError.isInstance(error) ? error : {};
  return statusCode < 500 && statusCode !== 409;
}

export function textOf({ parts }: Message): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
