import { StreamError } from "@streambed/core";
import type { StreamEvent, StreamStore } from "@streambed/core";
import type {
  ChatHistory,
  ConversationMessage,
  ConversationStore,
  HistoryNode,
} from "@streambed/core/conversation";
import { newestMessages } from "../newest-messages.ts";
import { answerMetadata, readEnded } from "../read-ended.ts";
import { FINAL, PARTIAL } from "./stream-object.ts";

/** A question of a session, kept, and what the model is to see. */
export interface AskedQuestion {
  questionId: string;
  messages: ConversationMessage[];
}

/**
 * Conversations by the id of a session: each question is kept when it is asked, with the id of the stream that
 * answers it, and each answer when its stream has ended, however it did.
 */
export class Sessions {
  readonly #streams: StreamStore;
  readonly #conversations: ConversationStore;
  readonly #maxMessages: number;

  constructor(streams: StreamStore, conversations: ConversationStore, maxMessages: number) {
    this.#streams = streams;
    this.#conversations = conversations;
    this.#maxMessages = maxMessages;
  }

  /** Keeps a question. @throws StreamError as the stores do */
  async ask(sessionId: string, prompt: string, streamId: string): Promise<AskedQuestion> {
    await this.#settleLost(sessionId, await this.#conversations.load(sessionId));
    return this.#conversations.update(sessionId, (history) => {
      const question = { role: "user", content: prompt } as const;
      const questionId = history.append(question, { metadata: { streamId } });
      return { questionId, messages: newestMessages(history.messages, this.#maxMessages) };
    });
  }

  /**
   * Keeps the answer of a stream that has ended, whatever there is of it; once, whoever else does so too. Resolves
   * to whether there was something to keep.
   */
  async settle(sessionId: string, streamId: string, questionId: string): Promise<boolean> {
    const ended = await readEnded(this.#streams, streamId);
    const content = ended && contentOf(ended.events);
    if (!content) return false;
    const metadata = answerMetadata(streamId, ended.status);
    return this.#conversations.update(sessionId, (history) => {
      const question = history.get(questionId);
      // Compacted away, or expired: there is nothing that it would answer.
      if (question === undefined || isAnswered(history, question, streamId)) return false;
      history.append({ role: "assistant", content }, { parentId: questionId, metadata });
      return true;
    });
  }

  /**
   * Replaces a conversation by what `summarise` makes of its messages, or of `sent` if nothing is kept.
   *
   * @throws StreamError `CONFLICT` while an answer is under way, and if somebody has gone on meanwhile
   */
  async compact(
    sessionId: string,
    sent: readonly ConversationMessage[],
    summarise: (messages: readonly ConversationMessage[]) => Promise<string>,
  ): Promise<void> {
    const history = await this.#loadSettled(sessionId);
    const content = await summarise(history.isEmpty ? sent : history.messages);
    history.compact({ role: "system", content });
    await this.#conversations.save(sessionId, history);
  }

  /** The conversation, when every answer of it is kept. @throws StreamError `CONFLICT` while one is under way */
  async #loadSettled(sessionId: string): Promise<ChatHistory> {
    // Whoever goes on behind the last look is noticed when what comes of it is saved.
    for (;;) {
      const history = await this.#conversations.load(sessionId);
      const { isBusy, hasSettled } = await this.#settleLost(sessionId, history);
      if (isBusy) throw new StreamError("CONFLICT", "an answer is under way in this session");
      if (!hasSettled) return history;
    }
  }

  /** Keeps the answers whose producers have died. */
  async #settleLost(
    sessionId: string,
    history: ChatHistory,
  ): Promise<{ isBusy: boolean; hasSettled: boolean }> {
    const open = unanswered(history);
    const looks = await Promise.all(open.map(({ streamId }) => this.#streams.getStatus(streamId)));
    const ended = open.filter((_, i) => looks[i] !== null && looks[i]?.state !== "active");
    let hasSettled = false;
    for (const { id, streamId } of ended) {
      hasSettled = (await this.settle(sessionId, streamId, id).catch(unlessTooLarge)) || hasSettled;
    }
    return { isBusy: looks.some((status) => status?.state === "active"), hasSettled };
  }
}

/** The text of an answer, or the object as far as it came. */
function contentOf(events: readonly StreamEvent[]): string {
  const object = events.findLast(({ event }) => event === FINAL || event === PARTIAL);
  if (object !== undefined) return object.data;
  return events.map(({ event, data }) => (event === "" ? data : "")).join("");
}

/** Questions that are looked at once more: one that failed before it had an answer never gets one. */
const MOST_OPEN = 20;

/** The newest questions that have no answer, the oldest first. */
function unanswered(history: ChatHistory): { id: string; streamId: string }[] {
  const open = history.nodeIds.flatMap((id) => {
    const node = history.get(id)!;
    const { streamId } = node.metadata;
    const isOpen = node.message.role === "user" && typeof streamId === "string";
    return isOpen && !isAnswered(history, node, streamId) ? [{ id, streamId }] : [];
  });
  return open.slice(-MOST_OPEN);
}

/** A conversation that has become too large must still be one that can be compacted. */
function unlessTooLarge(error: unknown): boolean {
  if (!StreamError.is(error, "LIMIT")) throw error;
  return false;
}

function isAnswered(history: ChatHistory, { children }: HistoryNode, streamId: string): boolean {
  return children.some((id) => {
    const child = history.get(id);
    return child?.message.role === "assistant" && child.metadata["streamId"] === streamId;
  });
}
