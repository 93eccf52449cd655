import { HEADER_STREAM_ID } from "@streambed/core/codec";
import type { ChatTransport, HttpChatTransportInitOptions, UIMessage, UIMessageChunk } from "ai";
import { StreamClientError } from "../stream-client-error.ts";
import { StreamMemory } from "../stream-memory.ts";
import type { AnyStorage } from "../stream-memory.ts";
import type { DurableState, ReaderState } from "../reader-state.ts";
import { abortWith } from "../reading/abort-with.ts";
import { follow } from "../reading/follow.ts";
import type { ReadingOptions } from "../reading/reading-options.ts";
import { untilItWorks } from "../until-it-works.ts";
import { chatProtocol } from "./chat-protocol.ts";
import { ChatRequests } from "./chat-requests.ts";
import type { ResumeOptions, SendOptions } from "./chat-requests.ts";
import { orAbort } from "./or-abort.ts";
import { toReadableStream } from "./to-readable-stream.ts";

/** Those of AI SDK's `DefaultChatTransport`, and how to read on. */
export type DurableChatTransportOptions<M extends UIMessage = UIMessage> =
  HttpChatTransportInitOptions<M> &
    Pick<ReadingOptions, "maxRetries" | "retryDelayMs" | "silenceMs"> & {
      /** Remembers what each chat is reading: after a reload an answer that has ended meanwhile is found, too. @default none */
      storage?: AnyStorage | undefined;
      /**
       * Whether `stop()` of `useChat` ends the answer. React calls it as well when it unmounts a component whose
       * chat is its own, and not handed in as `useChat({ chat })`. @default false
       */
      stopOnAbort?: boolean | undefined;
      /** Told how the reading of a chat's answer goes, `idle` if there is none or it was left; must not throw. */
      onState?: ((state: DurableState, chatId: string) => void) | undefined;
    };

/** How far an answer has been read. */
interface Start {
  streamId?: string | undefined;
  /** Undefined: not at all, and not asked for by this page either. */
  seq?: number | undefined;
  /** What the question was answered with, and what ends that. */
  answer?: { response: Response; posting: AbortController } | undefined;
}

/**
 * AI SDK's `DefaultChatTransport` for the answers of `createChatHandler`: a connection that breaks is replaced, and
 * reading goes on behind the last chunk, without `useChat` noticing. Only a stored end ends an answer.
 */
export class DurableChatTransport<M extends UIMessage = UIMessage> implements ChatTransport<M> {
  /** After a reload `useChat` gets the answer from its beginning, and makes its message anew. */
  readonly resumeStreamIsReplay = true;
  readonly #options: DurableChatTransportOptions<M>;
  readonly #requests: ChatRequests<M>;
  /** The stream that each chat is reading, or was when it was left. */
  readonly #streamIds: Map<string, string> = new Map();
  /** The last question or stop of each chat: what comes after it waits. It never rejects. */
  readonly #sent: Map<string, Promise<unknown>> = new Map();

  constructor(options: DurableChatTransportOptions<M> = {}) {
    this.#options = options;
    this.#requests = new ChatRequests(options);
  }

  /**
   * The question is sent once. It rejects as AI SDK's transport does; reading rejects with a StreamClientError,
   * `FAILED` if the answer ended with an error.
   */
  async sendMessages(options: SendOptions<M>): Promise<ReadableStream<UIMessageChunk>> {
    const { chatId, abortSignal, headers, body, metadata } = options;
    const { stopOnAbort = false } = this.#options;
    await this.#sent.get(chatId);
    abortSignal?.throwIfAborted();
    this.#tell(chatId, { phase: "connecting" });
    const posting = new AbortController();
    // What is to be stopped must have a name first.
    if (!stopOnAbort) abortWith(posting, abortSignal);
    const sending = this.#requests.send({ ...options, abortSignal: posting.signal });
    this.#waitFor(chatId, this.#named(chatId, sending));
    this.#stopWith(chatId, abortSignal);
    try {
      const response = await orAbort(sending, abortSignal);
      const asked = { chatId, abortSignal, headers, body, metadata };
      const { items } = this.#read(asked, { seq: 0, answer: { response, posting } });
      return toReadableStream(items, items.next());
    } catch (error) {
      // Of a question that is to be stopped the id is still to come.
      if (stopOnAbort && abortSignal?.aborted)
        void sending.finally(() => posting.abort()).catch(() => {});
      else posting.abort();
      this.#tell(chatId, { phase: "idle" });
      throw error;
    }
  }

  /** Resolves to `null` if no answer is under way. */
  async reconnectToStream(options: ResumeOptions): Promise<ReadableStream<UIMessageChunk> | null> {
    const { chatId, abortSignal } = options;
    this.#stopWith(chatId, abortSignal);
    const streamId = this.#memory(chatId).recall()?.id;
    const { items, opened } = this.#read(options, { streamId });
    const first = items.next();
    try {
      await Promise.race([first, opened]);
    } catch (error) {
      if (isNothing(error)) return null;
      throw error;
    }
    return toReadableStream(items, first);
  }

  /**
   * Ends the answer of a chat for everybody, the model included; whoever reads it comes to its end. Resolves when
   * that is sure, also if none is under way. Tries again while the server cannot be reached.
   *
   * @throws StreamClientError
   */
  async stop(chatId: string): Promise<void> {
    await this.#sent.get(chatId);
    const streamId = this.#streamIds.get(chatId);
    const stopping = untilItWorks((signal) => this.#requests.stop(chatId, streamId, signal), {
      retryDelayMs: this.#options.retryDelayMs,
    });
    this.#waitFor(chatId, stopping);
    await stopping;
  }

  #read(
    options: ResumeOptions,
    { streamId, seq, answer }: Start,
  ): { items: ReturnType<typeof follow<UIMessageChunk>>; opened: Promise<void> } {
    const { chatId, abortSignal } = options;
    const memory = this.#memory(chatId);
    let first = answer;
    let id = streamId;
    let wasStream = false;
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));

    const connect = async (cursor: number | undefined, cut: AbortSignal): Promise<Response> => {
      if (first !== undefined) {
        abortWith(first.posting, cut);
        return first.response;
      }
      const position = { streamId: id, seq: cursor };
      return this.#requests.resume({ ...options, abortSignal: cut }, position, wasStream);
    };
    const protocol = chatProtocol(
      async (cursor, cut) => {
        const response = await connect(cursor, cut);
        first = undefined;
        wasStream = true;
        id = this.#note(chatId, response) ?? id;
        if (id !== undefined) memory.remember({ id, seq: cursor ?? 0 });
        open();
        return response;
      },
      seq,
      (reached) => id !== undefined && memory.remember({ id, seq: reached }),
    );

    let hasEnded = false;
    const onState = (state: ReaderState): void => {
      hasEnded = state.phase === "ended";
      const error = state.phase === "ended" && state.end === "error" ? state.error : undefined;
      // What cannot be reached now may be there after a reload.
      if (hasEnded && error?.code !== "UNAVAILABLE" && id !== undefined) {
        memory.forget(id);
        if (this.#streamIds.get(chatId) === id) this.#streamIds.delete(chatId);
      }
      this.#tell(chatId, isNothing(error) ? { phase: "idle" } : state);
    };
    abortSignal?.addEventListener("abort", () => {
      if (!hasEnded) this.#tell(chatId, { phase: "idle" });
    });
    const reading = { ...this.#options, fetch: undefined, signal: abortSignal, onState };
    return { items: follow(protocol, reading), opened };
  }

  #tell(chatId: string, state: DurableState): void {
    this.#options.onState?.(state, chatId);
  }

  async #named(chatId: string, sending: Promise<Response>): Promise<void> {
    this.#note(chatId, await sending);
  }

  #note(chatId: string, { headers }: Response): string | undefined {
    const id = headers.get(HEADER_STREAM_ID) ?? undefined;
    if (id !== undefined) this.#streamIds.set(chatId, id);
    return id;
  }

  #memory(chatId: string): StreamMemory {
    return new StreamMemory(this.#options.storage, chatId);
  }

  #waitFor(chatId: string, sent: Promise<unknown>): void {
    this.#sent.set(
      chatId,
      sent.catch(() => {}),
    );
  }

  #stopWith(chatId: string, signal: AbortSignal | undefined): void {
    if (!this.#options.stopOnAbort) return;
    signal?.addEventListener("abort", () => void this.stop(chatId).catch(() => {}), { once: true });
  }
}

/** Whether it says that there is nothing to resume. */
function isNothing(error: unknown): boolean {
  return StreamClientError.is(error) && error.status === 204;
}
