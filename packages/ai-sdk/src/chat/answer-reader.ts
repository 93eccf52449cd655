import { resumeDurableStream, StreamError } from "@streambed/core";
import type { StreamStatus } from "@streambed/core";
import { ChatEncoding } from "./chat-encoding.ts";
import type { ChatHandlerOptions } from "./chat-handler-options.ts";
import type { Settler } from "./settler.ts";

/** What a request wants to read. */
export interface Wanted {
  chatId: string;
  /** The seq of the last chunk that the client has; undefined if it has nothing. */
  after: number | undefined;
}

/** Reads answers on, whoever began them. */
export class AnswerReader {
  readonly #options: ChatHandlerOptions;
  readonly #settler: Settler;

  constructor(options: ChatHandlerOptions, settler: Settler) {
    this.#options = options;
    this.#settler = settler;
  }

  /**
   * The answer that is under way in the chat, behind the cursor `after` if there is one. Resolves to undefined
   * if none is.
   *
   * @throws StreamError `INVALID_CURSOR`, and as the stores do
   */
  async underWay(wanted: Wanted): Promise<Response | undefined> {
    const { chatId } = wanted;
    const { store, active } = this.#options;
    const id = await active.get(chatId);
    if (id === null) return undefined;
    const status = await store.getStatus(id);
    if (status?.state === "active") return this.#read(id, status, wanted);
    // Whoever generated may have died before it could tidy up.
    await this.#settler.settle(chatId, id);
    return undefined;
  }

  /**
   * A stream of the chat, also one that has ended. Resolves to undefined if it is gone.
   *
   * @throws StreamError `INVALID_CURSOR`, and as the stores do
   */
  async named(id: string, wanted: Wanted): Promise<Response | undefined> {
    const status = await this.#options.store.getStatus(id);
    if (status?.state !== "active") await this.#settleIfLeft(wanted.chatId, id);
    return status === null ? undefined : this.#read(id, status, wanted);
  }

  /** What nobody has settled whose answer it was: whoever generated may have died. */
  async #settleIfLeft(chatId: string, id: string): Promise<void> {
    if ((await this.#options.active.get(chatId)) === id) await this.#settler.settle(chatId, id);
  }

  async #read(
    id: string,
    { totalChunks }: StreamStatus,
    { chatId, after }: Wanted,
  ): Promise<Response | undefined> {
    const { store, heartbeatMs } = this.#options;
    if (after !== undefined && after > totalChunks) {
      throw new StreamError("INVALID_CURSOR", `the cursor ${after} is past the last chunk`);
    }
    // Any cursor, 0 too, is of somebody who was answered before, and has the message that is gone on with.
    const encoding = new ChatEncoding({
      after,
      replaysBase: after === undefined,
      onFailed: () => {
        // The next request of this chat tidies up, if this does not. By now it is too late for `waitUntil`.
        this.#settleIfLeft(chatId, id).catch(() => {});
      },
    });
    const response = await resumeDurableStream({ store, id, heartbeatMs, encoding });
    // Expired between the two looks.
    return response.status === 404 ? undefined : response;
  }
}
