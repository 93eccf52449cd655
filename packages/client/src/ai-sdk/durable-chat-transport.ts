import { HEADER_STREAM_ID } from "@streambed/core/codec";
import type { ChatTransport, HttpChatTransportInitOptions, UIMessage, UIMessageChunk } from "ai";
import { isFinal, StreamClientError } from "../stream-client-error.ts";
import { StreamMemory } from "../stream-memory.ts";
import type { AnyStorage } from "../stream-memory.ts";
import type { DurableState, ReaderState } from "../reader-state.ts";
import { abortWith } from "../reading/abort-with.ts";
import { follow } from "../reading/follow.ts";
import type { ReadingOptions } from "../reading/reading-options.ts";
import { untilItWorks } from "../until-it-works.ts";
import { chatProtocol, notOurs } from "./chat-protocol.ts";
import { ChatRequests } from "./chat-requests.ts";
import type { ResumeOptions, SendOptions } from "./chat-requests.ts";
import { orAbort } from "../or-abort.ts";
import { toReadableStream } from "./to-readable-stream.ts";

/** Those of AI SDK's `DefaultChatTransport`, and how to read on. */
export type DurableChatTransportOptions<M extends UIMessage = UIMessage> =
  HttpChatTransportInitOptions<M> &
    Pick<ReadingOptions, "maxRetries" | "retryDelayMs" | "silenceMs"> & {
      /** Remembers what each chat is reading: after a reload an answer that has ended meanwhile is found, too. @default none */
      storage?: AnyStorage | undefined;
      /**
       * Whether `stop()` of `useChat` ends the answer. React calls it as well when it unmounts a component whose
       * chat is its own, in development also when it mounts one: hand it in as `useChat({ chat })`. @default false
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
  first?: Response | undefined;
  posting?: AbortController | undefined;
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
    const { stopOnAbort } = this.#options;
    await orAbort(this.#sent.get(chatId) ?? Promise.resolve(), abortSignal);
    // What a stop means from now on is the answer to this.
    this.#streamIds.delete(chatId);
    this.#tell(chatId, { phase: "connecting" });
    const posting = new AbortController();
    const sending = this.#ask(options, posting);
    this.#waitFor(chatId, sending);
    const stop = (): void => this.#stopQuietly(chatId);
    if (stopOnAbort) abortSignal?.addEventListener("abort", stop);
    // What is to be stopped must have a name first.
    else abortWith(posting, abortSignal);
    try {
      const first = await orAbort(sending, abortSignal);
      const asked = { chatId, abortSignal, headers, body, metadata };
      return await this.#read(asked, { seq: 0, first, posting });
    } catch (error) {
      sending.then(() => posting.abort()).catch(() => {});
      this.#tell(chatId, { phase: "idle" });
      throw error;
    } finally {
      abortSignal?.removeEventListener("abort", stop);
    }
  }

  /** Resolves to `null` if no answer is under way. */
  async reconnectToStream(options: ResumeOptions): Promise<ReadableStream<UIMessageChunk> | null> {
    try {
      return await this.#read(options, { streamId: this.#memory(options.chatId).recall() });
    } catch (error) {
      if (isNothing(error)) return null;
      throw error;
    }
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

  /** Resolves when the server has begun to send. */
  async #read(options: ResumeOptions, start: Start): Promise<ReadableStream<UIMessageChunk>> {
    const { chatId, abortSignal } = options;
    const memory = this.#memory(chatId);
    let { streamId, first } = start;
    let wasStream = false;
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => (open = resolve));

    const protocol = chatProtocol(async (seq, cut) => {
      const asked = { ...options, abortSignal: cut };
      const response = first ?? (await this.#requests.resume(asked, { streamId, seq }, wasStream));
      if (first !== undefined) abortWith(start.posting!, cut);
      first = undefined;
      const id = nameOf(response);
      if (wasStream && seq !== undefined && id !== streamId) throw notOurs("another stream");
      wasStream = true;
      streamId = id;
      this.#streamIds.set(chatId, id);
      memory.remember(id);
      open();
      return response;
    }, start.seq);

    const leave = (): void => {
      abortSignal?.removeEventListener("abort", onAbort);
      this.#tell(chatId, { phase: "idle" });
    };
    const onAbort = (): void => {
      leave();
      // What was only looked for, whoever left has not seen.
      if (wasStream && this.#options.stopOnAbort) this.#stopQuietly(chatId);
    };
    const onState = (state: ReaderState): void => {
      const error = state.phase === "ended" && state.end === "error" ? state.error : undefined;
      if (isNothing(error)) return leave();
      this.#tell(chatId, state);
      if (state.phase !== "ended") return;
      abortSignal?.removeEventListener("abort", onAbort);
      // What cannot be reached, or may not be read, may be later.
      if (streamId === undefined || (error && !isFinal(error))) return;
      memory.forget(streamId);
      if (this.#streamIds.get(chatId) === streamId) this.#streamIds.delete(chatId);
    };
    abortSignal?.addEventListener("abort", onAbort);
    const reading = { ...this.#options, fetch: undefined, signal: abortSignal, onState };
    const items = follow(protocol, reading);
    const next = items.next();
    await Promise.race([next, opened]);
    return toReadableStream(items, next, leave);
  }

  #tell(chatId: string, state: DurableState): void {
    this.#options.onState?.(state, chatId);
  }

  async #ask(options: SendOptions<M>, posting: AbortController): Promise<Response> {
    const { silenceMs = 45_000 } = this.#options;
    const timer = setTimeout(() => posting.abort(new Error("silence")), silenceMs);
    try {
      const { signal } = posting;
      const asked = this.#requests.send({ ...options, abortSignal: signal });
      const response = await orAbort(asked, signal);
      this.#streamIds.set(options.chatId, nameOf(response));
      return response;
    } catch (error) {
      posting.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #memory(chatId: string): StreamMemory {
    const { storage, api = "" } = this.#options;
    return new StreamMemory(storage, api, chatId);
  }

  #waitFor(chatId: string, sent: Promise<unknown>): void {
    this.#sent.set(
      chatId,
      sent.catch(() => {}),
    );
  }

  #stopQuietly(chatId: string): void {
    this.stop(chatId).catch(() => {});
  }
}

/** @throws StreamClientError `PROTOCOL` if a response does not say what stream it is of */
function nameOf({ headers }: Response): string {
  const id = headers.get(HEADER_STREAM_ID);
  if (id === null) throw notOurs(`no ${HEADER_STREAM_ID}: CORS must expose it`);
  return id;
}

/** Whether it says that there is nothing to resume. */
function isNothing(error: unknown): boolean {
  return StreamClientError.is(error) && error.status === 204;
}
