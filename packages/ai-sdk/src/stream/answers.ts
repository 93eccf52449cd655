import { createDurableStream } from "@streambed/core";
import type { RequestContext, StreamEvent } from "@streambed/core";
import { later } from "../later.ts";
import { describeModelError } from "../model-error.ts";
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

export type Generate = (prompt: Prompt, signal: AbortSignal) => AsyncIterable<string | StreamEvent>;

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
    generate: Generate,
    { waitUntil }: RequestContext,
  ): Promise<Response> {
    const { response } = await this.#begin(id, async () => question, generate, waitUntil);
    return response;
  }

  /** The same for one prompt, in the conversation of a session if there is one. */
  async startInSession(
    id: string,
    {
      prompt,
      system,
      sessionId,
    }: { prompt: string; system?: string | undefined; sessionId?: string | undefined },
    generate: Generate,
    context: RequestContext,
  ): Promise<Response> {
    const sessions = this.#sessions;
    if (sessions === undefined || sessionId === undefined) {
      const question = { system, messages: [{ role: "user", content: prompt }] };
      return this.start(id, question, generate, context);
    }
    const asked = later<AskedQuestion>();
    const begun = await this.#begin(
      id,
      async () => ({ system, messages: (await asked.promise).messages }),
      generate,
      undefined,
    );
    try {
      asked.resolve(await sessions.ask(sessionId, prompt, id));
    } catch (error) {
      asked.reject(error);
      await this.#settings.store.delete(id).catch(() => {});
      throw error;
    }
    const { questionId } = await asked.promise;
    const settle = (): Promise<void> => sessions.settle(sessionId, id, questionId);
    // If that fails too, the next question of the session sees to it.
    const settled = begun.finished.then(settle, settle).catch(() => {});
    context.waitUntil?.(settled);
    return begun.response;
  }

  #begin(
    id: string,
    questionOf: () => Promise<Question>,
    generate: Generate,
    waitUntil: RequestContext["waitUntil"],
  ): ReturnType<typeof createDurableStream> {
    const { store, leaseMs, ttlSec, heartbeatMs } = this.#settings;
    const { describeError = describeModelError } = this.#settings;
    return createDurableStream({
      store,
      id,
      // Not the request's signal: an answer does not end because its first reader has left.
      source: async function* (signal) {
        const { system, messages } = await questionOf();
        const prompt = { system: toSystem(system, messages), messages: toModelMessages(messages) };
        yield* generate(prompt, signal);
      },
      leaseMs,
      ttlSec,
      heartbeatMs,
      describeError,
      waitUntil,
    });
  }
}
