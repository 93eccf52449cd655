import type { StreamEvent } from "@streambed/core";
import { answerMetadata, readEnded } from "../read-ended.ts";
import type { ChatHandlerOptions, ChatTurn } from "./chat-handler-options.ts";
import { ChatConversation } from "./chat-conversation.ts";
import type { Place } from "./chat-conversation.ts";
import { toMessage } from "./to-message.ts";

/** The event, first of all in a stream, that tells where the answer belongs. Clients are not sent it. */
export const PLACE = "place";

/** In pieces: a store takes no chunk of any size. */
export function* placeEvents(place: Partial<Place>): Generator<StreamEvent, void, undefined> {
  const json = JSON.stringify(place);
  for (let at = 0; at < json.length; at += 65_536) {
    yield { event: PLACE, data: json.slice(at, at + 65_536) };
  }
}

/** Keeps what was said, and frees a chat whose answer has ended. */
export class Settler {
  readonly #options: ChatHandlerOptions;
  readonly #conversation: ChatConversation | undefined;

  constructor(options: ChatHandlerOptions) {
    this.#options = options;
    const { conversation } = options;
    if (conversation === undefined) return;
    this.#conversation = new ChatConversation(
      conversation.store,
      conversation.maxMessages ?? Infinity,
    );
  }

  /** Keeps the question. Resolves to what the model is to answer, and where the answer belongs. */
  async begin<Turn extends Pick<ChatTurn, "chatId" | "messages">>(
    turn: Turn,
  ): Promise<{ turn: Turn; place?: Place }> {
    if (this.#conversation === undefined) return { turn };
    const { messages, place } = await this.#conversation.ask(turn.chatId, turn.messages);
    return { turn: { ...turn, messages }, place };
  }

  /**
   * Keeps the answer of a stream that has ended, whatever there is of it, and frees the chat. Any process may,
   * any number of times: one whose producer has died is settled by the next request of its chat.
   */
  async settle(chatId: string, streamId: string): Promise<void> {
    if (this.#conversation !== undefined) await this.#keep(this.#conversation, chatId, streamId);
    await this.#options.active.clear(chatId, streamId);
  }

  async #keep(conversation: ChatConversation, chatId: string, streamId: string): Promise<void> {
    const ended = await readEnded(this.#options.store, streamId);
    if (ended === undefined) return;
    const dataOf = (name: string): string[] =>
      ended.events.filter(({ event }) => event === name).map(({ data }) => data);
    const chunks = dataOf("");
    const place = dataOf(PLACE).join("");
    // Without any chunk the place may have been cut off.
    if (chunks.length === 0 || place === "") return;
    const belongs = JSON.parse(place) as Place;
    const answer = await toMessage(chunks, belongs.base);
    if (answer === undefined) return;
    await conversation.keep(chatId, answerMetadata(streamId, ended.status), belongs, answer);
  }
}
