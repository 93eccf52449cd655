import { Chat } from "@ai-sdk/svelte";
import { StreamClientError } from "@streambed/client";
import type { DurableState } from "@streambed/client";
import { DurableChatTransport } from "@streambed/client/ai-sdk";
import { onMount, untrack } from "svelte";
import type { Message } from "./message.ts";

/** `Chat` over a transport that reads on by itself, and what the server keeps of the chat. A component makes it. */
export class DurableChat extends Chat<Message> {
  /** How reading goes. */
  reader: DurableState = $state.raw({ phase: "connecting" });
  readonly isAnswering = $derived(this.status === "submitted" || this.status === "streaming");
  /** The question may not have been taken, or its answer is not whole: what is kept tells. */
  readonly #isInDoubt = $derived(
    this.status === "error"
      ? !StreamClientError.is(this.error) || this.error.code === "FAILED"
      : !this.isAnswering && this.reader.phase === "ended" && this.reader.end === "stopped",
  );
  readonly #isReading = $derived(this.reader.phase !== "ended" && this.reader.phase !== "idle");
  readonly isBusy = $derived(this.isAnswering || this.#isInDoubt || this.#isReading);
  readonly #transport: DurableChatTransport<Message>;
  readonly #giveBack: (question: string) => void;

  constructor(id: string, kept: Message[], giveBack: (question: string) => void) {
    const transport = new DurableChatTransport<Message>({
      onState: (state) => (this.reader = state),
      maxRetries: Infinity,
      fetch: (input, init) => this.#ask(input, init),
    });
    // `@ai-sdk/svelte` brings an `ai` of its own, whose types are a little older.
    super({ id, messages: kept, transport: transport as never });
    this.#transport = transport;
    this.#giveBack = giveBack;
    onMount(() => {
      void this.resumeStream();
      return () => void this.stop();
    });
    $effect(() => {
      if (this.#isInDoubt) untrack(() => void this.resumeStream());
    });
  }

  /** Takes what there is, if nothing is being read: another tab may have gone on with the chat. */
  look(): void {
    if (!this.isBusy) void this.resumeStream();
  }

  /** Ends the answer for everybody. Whoever reads it comes to its end. */
  stopAnswer(): Promise<void> {
    return this.#transport.stop(this.id);
  }

  /** Whoever asks whether an answer is under way gets what is kept before it, too. */
  async #ask(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(input, init);
    const isReadingOn = new Headers(init.headers).has("last-event-id");
    if (init.method !== "GET" || isReadingOn || !response.ok) return response;
    const answer = await fetch(`/chat/${encodeURIComponent(this.id)}/messages`, {
      signal: init.signal,
    });
    if (!answer.ok) return answer;
    const kept: Message[] = await answer.json();
    const asked = this.messages.findLast(({ role }) => role === "user");
    if (asked && !kept.some(({ id }) => id === asked.id)) this.#giveBack(textOf(asked));
    this.messages = kept;
    return response;
  }
}

export function textOf({ parts }: Message): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
