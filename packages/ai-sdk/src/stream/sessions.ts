import type { StreamEvent, StreamStore } from "@streambed/core";
import type {
  ChatHistory,
  ConversationMessage,
  ConversationStore,
  HistoryNode,
} from "@streambed/core/conversation";
import { HttpError } from "../http.ts";
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
    await this.#settleLost(sessionId);
    return this.#conversations.update(sessionId, (history) => {
      const question = { role: "user", content: prompt } as const;
      const questionId = history.append(question, { metadata: { streamId } });
      return { questionId, messages: newestMessages(history.messages, this.#maxMessages) };
    });
  }

  /** Keeps the answer of a stream that has ended, whatever there is of it; once, whoever else does so too. */
  async settle(sessionId: string, streamId: string, questionId: string): Promise<void> {
    const ended = await readEnded(this.#streams, streamId);
    const content = ended && contentOf(ended.events);
    if (!content) return;
    const metadata = answerMetadata(streamId, ended.status);
    await this.#conversations.update(sessionId, (history) => {
      const question = history.get(questionId);
      // Compacted away, or expired: there is nothing that it would answer.
      if (question === undefined || isAnswered(history, question, streamId)) return;
      history.append({ role: "assistant", content }, { parentId: questionId, metadata });
    });
  }

  /**
   * Replaces a conversation by what `summarise` makes of its messages, or of `sent` if nothing is kept.
   *
   * @throws HttpError 409 while an answer is under way, StreamError `CONFLICT` if somebody has gone on meanwhile
   */
  async compact(
    sessionId: string,
    sent: readonly ConversationMessage[],
    summarise: (messages: readonly ConversationMessage[]) => Promise<string>,
  ): Promise<void> {
    if (await this.#settleLost(sessionId)) {
      throw new HttpError(409, "an answer is under way in this session");
    }
    const history = await this.#conversations.load(sessionId);
    const content = await summarise(history.isEmpty ? sent : history.messages);
    history.compact({ role: "system", content });
    await this.#conversations.save(sessionId, history);
  }

  /** Keeps the answers whose producers have died. Resolves to whether another is under way. */
  async #settleLost(sessionId: string): Promise<boolean> {
    const history = await this.#conversations.load(sessionId);
    let isBusy = false;
    for (const { id, streamId } of unanswered(history)) {
      const status = await this.#streams.getStatus(streamId);
      if (status?.state === "active") isBusy = true;
      else if (status !== null) await this.settle(sessionId, streamId, id);
    }
    return isBusy;
  }
}

/** The text of an answer, or the object as far as it came. */
function contentOf(events: readonly StreamEvent[]): string {
  const object = events.findLast(({ event }) => event === FINAL || event === PARTIAL);
  if (object !== undefined) return object.data;
  return events.map(({ event, data }) => (event === "" ? data : "")).join("");
}

/** The questions behind the last answer, the oldest first: an older one was settled before that was asked. */
function unanswered(history: ChatHistory): { id: string; streamId: string }[] {
  const nodes = history.nodeIds.map((id) => history.get(id)!);
  const last = nodes.findLastIndex(({ message }) => message.role === "assistant");
  return nodes.slice(last + 1).flatMap((node) => {
    const { streamId } = node.metadata;
    if (typeof streamId !== "string" || isAnswered(history, node, streamId)) return [];
    return [{ id: node.id, streamId }];
  });
}

function isAnswered(history: ChatHistory, { children }: HistoryNode, streamId: string): boolean {
  return children.some((id) => {
    const child = history.get(id);
    return child?.message.role === "assistant" && child.metadata["streamId"] === streamId;
  });
}
