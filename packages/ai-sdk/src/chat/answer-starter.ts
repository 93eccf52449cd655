import { createDurableStream } from "@streambed/core";
import type { RequestContext, StreamEvent } from "@streambed/core";
import { later } from "../later.ts";
import { describeModelError } from "../model-error.ts";
import { ChatEncoding } from "./chat-encoding.ts";
import type { ChatHandlerOptions, ChatTurn } from "./chat-handler-options.ts";
import { claimChat } from "./claim-chat.ts";
import { placeEvents } from "./settler.ts";
import type { Settler } from "./settler.ts";
import type { Generator } from "./to-generator.ts";
import { toUiChunks } from "./to-ui-chunks.ts";

/** A turn that its request may have, with the id of the stream that is to answer it. */
export type Question = Omit<ChatTurn, "signal"> & { streamId: string };

type Begun = Awaited<ReturnType<Settler["begin"]>> & { turn: Omit<ChatTurn, "signal"> };

/** Starts answers, one at a time in each chat. */
export class AnswerStarter {
  readonly #options: ChatHandlerOptions;
  readonly #generator: Generator;
  readonly #settler: Settler;

  constructor(options: ChatHandlerOptions, generator: Generator, settler: Settler) {
    this.#options = options;
    this.#generator = generator;
    this.#settler = settler;
  }

  /** Resolves to the answer, or to undefined if another is under way. @throws StreamError as the stores do */
  async start(question: Question, context: RequestContext): Promise<Response | undefined> {
    const { chatId, streamId } = question;
    const { store, active, leaseMs, ttlSec, heartbeatMs, whenBusy = "refuse" } = this.#options;
    const { describeError = describeModelError } = this.#options;
    if (whenBusy === "refuse" && (await this.#isBusy(chatId))) return undefined;

    const turn = later<Begun>();
    const { response, finished } = await createDurableStream({
      store,
      id: streamId,
      source: (signal) => this.#answer(turn.promise, signal),
      leaseMs,
      ttlSec,
      heartbeatMs,
      describeError,
      encoding: new ChatEncoding({ replaysBase: false }),
    });
    try {
      // Only now: whoever finds the pointer must find the stream.
      const settle = (chat: string, id: string): Promise<void> => this.#settler.settle(chat, id);
      if (!(await claimChat({ active, store, whenBusy, settle }, chatId, streamId))) {
        await store.delete(streamId);
        turn.reject(new Error("another answer is under way"));
        return undefined;
      }
      turn.resolve(await this.#settler.begin(question));
    } catch (error) {
      turn.reject(error);
      throw error;
    }
    const settled = finished
      .then(
        () => this.#settler.settle(chatId, streamId),
        () => this.#settler.settle(chatId, streamId),
      )
      // The next request of this chat tidies up.
      .catch(() => {});
    context.waitUntil?.(settled);
    return response;
  }

  async #isBusy(chatId: string): Promise<boolean> {
    const { store, active } = this.#options;
    const standing = await active.get(chatId);
    return standing !== null && (await store.getStatus(standing))?.state === "active";
  }

  /** The answer's chunks as JSON, once it is clear that there is to be one. */
  async *#answer(
    ready: Promise<Begun>,
    signal: AbortSignal,
  ): AsyncGenerator<string | StreamEvent, void, undefined> {
    const { turn, place } = await ready;
    // Where a tool's result is handed in, the answer goes on in the message that asked for it.
    const last = turn.messages.at(-1);
    const base = last?.role === "assistant" ? last : undefined;
    if (place !== undefined || base !== undefined) yield* placeEvents({ ...place, base });
    const items = await this.#generator.generate({ ...turn, signal });
    const messageId = base?.id ?? crypto.randomUUID();
    const chunks = toUiChunks(items, messageId, base !== undefined);
    for await (const chunk of chunks) yield JSON.stringify(chunk);
  }
}
