import { createDurableStream } from "@streambed/core";
import type { RequestContext, StreamEvent } from "@streambed/core";
import { later } from "../later.ts";
import { toDescribe } from "../model-error.ts";
import type { Describe } from "../model-error.ts";
import type { StreamRequest } from "./parse-requests.ts";
import { toModelMessages, toSystem } from "./sent-message.ts";
import type { Attachment } from "./sent-message.ts";
import type { AskedQuestion, Sessions } from "./sessions.ts";
import type { StreamHandlerSettings } from "./stream-handler-options.ts";

/** What a model is to answer. */
export interface Question {
  system: string | undefined;
  messages: readonly { role: string; content: string; attachments?: Attachment[] }[];
}

/** The same as the AI SDK takes it. */
export interface Prompt {
  system: string | undefined;
  messages: ReturnType<typeof toModelMessages>;
}

/** Asks a model. */
export type Ask = (
  prompt: Prompt,
  signal: AbortSignal,
  describe: Describe,
) => AsyncIterable<string | StreamEvent>;

/** Starts answers, each as a stream that outlives its request. */
export class Answers {
  readonly #settings: StreamHandlerSettings;
  readonly #sessions: Sessions | undefined;

  constructor(settings: StreamHandlerSettings, sessions: Sessions | undefined) {
    this.#settings = settings;
    this.#sessions = sessions;
  }

  /** @throws StreamError as the store does */
  async start(
    id: string,
    question: Question,
    ask: Ask,
    { waitUntil }: RequestContext,
  ): Promise<Response> {
    const { response } = await this.#begin(id, async () => question, ask, waitUntil);
    return response;
  }

  /** The same for one prompt, in the conversation of a session if there is one. */
  async startInSession(
    id: string,
    { prompt, system, sessionId }: StreamRequest,
    ask: Ask,
    context: RequestContext,
  ): Promise<Response> {
    const sessions = this.#sessions;
    if (sessions === undefined || sessionId === undefined) {
      const question = { system, messages: [{ role: "user", content: prompt }] };
      return this.start(id, question, ask, context);
    }
    const kept = later<AskedQuestion>();
    const begun = await this.#begin(
      id,
      async () => ({ system, messages: (await kept.promise).messages }),
      ask,
      undefined,
    );
    const question = await sessions.ask(sessionId, prompt, id).catch(async (error: unknown) => {
      kept.reject(error);
      await this.#settings.store.delete(id).catch(() => {});
      throw error;
    });
    kept.resolve(question);
    const settle = (): Promise<boolean> => sessions.settle(sessionId, id, question.questionId);
    // If that fails too, the next question of the session sees to it.
    const settled = begun.finished.then(settle, settle).catch(() => {});
    context.waitUntil?.(settled);
    return begun.response;
  }

  #begin(
    id: string,
    questionOf: () => Promise<Question>,
    ask: Ask,
    waitUntil: RequestContext["waitUntil"],
  ): ReturnType<typeof createDurableStream> {
    const { store, leaseMs, ttlSec, heartbeatMs } = this.#settings;
    const describeError = toDescribe(this.#settings.describeError);
    return createDurableStream({
      store,
      id,
      // Not the request's signal: an answer does not end because its first reader has left.
      source: async function* (signal) {
        const { system, messages } = await questionOf();
        signal.throwIfAborted();
        const prompt = { system: toSystem(system, messages), messages: toModelMessages(messages) };
        yield* ask(prompt, signal, describeError);
      },
      leaseMs,
      ttlSec,
      heartbeatMs,
      describeError,
      waitUntil,
    });
  }
}
