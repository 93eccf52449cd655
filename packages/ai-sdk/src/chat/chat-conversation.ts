import { StreamError } from "@streambed/core";
import type { ChatHistory, ConversationStore } from "@streambed/core/conversation";
import type { UIMessage } from "ai";
import type { AnswerMetadata } from "../read-ended.ts";
import { newestMessages } from "../newest-messages.ts";

/** A UI message as it is kept: whole, and with its text as `content`, for those who know no parts. */
export interface ChatMessage {
  role: UIMessage["role"];
  content: string;
  id: string;
  parts: UIMessage["parts"];
  metadata?: unknown;
}

/** Where an answer belongs. Stored with its stream, so that any process can keep what there is of it. */
export interface Place {
  /** The node of the question. */
  questionId: string;
  /** The message that the answer goes on with, where a tool's result was handed in. */
  base?: UIMessage | undefined;
}

/** What was said in chats: each question is kept when it is asked, each answer when it has ended. */
export class ChatConversation {
  readonly #store: ConversationStore<ChatMessage>;
  readonly #maxMessages: number;

  constructor(store: ConversationStore<ChatMessage>, maxMessages: number) {
    this.#store = store;
    this.#maxMessages = maxMessages;
  }

  /**
   * Keeps the question. Resolves to the messages that the model is to see, from what is kept and not from what
   * the client says was said, and to the place of the answer.
   *
   * @throws StreamError `CONFLICT` if a tool's result comes for an answer that is not kept (any more)
   */
  ask(
    chatId: string,
    sent: readonly UIMessage[],
  ): Promise<{ messages: UIMessage[]; place: Place }> {
    const last = sent.at(-1)!;
    return this.#store.update(chatId, (history) => {
      const [questionId, base] =
        last.role === "assistant"
          ? goOn(history, last)
          : [placeOf(history, toStored(last)), undefined];
      const messages = pathTo(history, questionId);
      if (base !== undefined) messages.push(base);
      return { messages: newestMessages(messages, this.#maxMessages), place: { questionId, base } };
    });
  }

  /** Keeps the answer of a stream under its question, once, whoever else does so too. */
  async keep(
    chatId: string,
    metadata: AnswerMetadata,
    place: Place,
    answer: UIMessage,
  ): Promise<void> {
    const { streamId } = metadata;
    await this.#store.update(chatId, (history) => {
      const question = history.get(place.questionId);
      // Compacted away, or deleted: there is nothing that it would answer.
      if (question === undefined) return;
      const { children } = question;
      if (children.some((id) => history.get(id)?.metadata["streamId"] === streamId)) return;
      // Where nobody has gone on since, another answer to the same question is the one that is shown.
      const shown = children.find((id) => id === history.activeLeafId);
      const before = children.at(-1);
      history.append(toStored(answer), { parentId: question.id, metadata });
      if (shown !== undefined && before !== undefined) history.nextAlternative(before);
    });
  }
}

/** The node of a question: that which the client means by its id, or a new one behind what was said last. */
function placeOf(history: ChatHistory<ChatMessage>, question: ChatMessage): string {
  const standing = history.nodeIds.findLast((id) => history.get(id)?.message.id === question.id);
  if (standing === undefined) return history.append(question);
  const isSame =
    JSON.stringify(history.get(standing)?.message.parts) === JSON.stringify(question.parts);
  return isSame ? standing : history.edit(standing, question);
}

/** The question of an answer that waits for its tools, and that answer with what they have brought. */
function goOn(history: ChatHistory<ChatMessage>, sent: UIMessage): [string, UIMessage] {
  const id = history.nodeIds.findLast((node) => history.get(node)?.message.id === sent.id);
  const answer = id === undefined ? undefined : history.get(id);
  if (answer === undefined || answer.parentId === null) {
    throw new StreamError("CONFLICT", "the answer that is to go on is not kept");
  }
  return [answer.parentId, withResults(toSent(answer.message), sent)];
}

/** Of an answer that a client sends back, only what its tools brought is taken: the rest is the model's word. */
function withResults(kept: UIMessage, sent: UIMessage): UIMessage {
  const parts = kept.parts.map((part) => {
    if (!("toolCallId" in part) || !WAITING.has(part.state)) return part;
    const brought = sent.parts.find(
      (other) => "toolCallId" in other && other.toolCallId === part.toolCallId,
    ) as Partial<typeof part> | undefined;
    if (brought === undefined) return part;
    const { state, output, errorText, approval } = brought;
    const result = { state, output, errorText, approval };
    const known = Object.entries(result).filter(([, value]) => value !== undefined);
    return { ...part, ...Object.fromEntries(known) };
  });
  return { ...kept, parts };
}

/** States of a call that the page is to answer. */
const WAITING: ReadonlySet<string> = new Set(["input-available", "approval-requested"]);

function pathTo(history: ChatHistory<ChatMessage>, nodeId: string): UIMessage[] {
  const path: UIMessage[] = [];
  for (let node = history.get(nodeId); node !== undefined;) {
    path.push(toSent(node.message));
    node = node.parentId === null ? undefined : history.get(node.parentId);
  }
  return path.reverse();
}

function toSent({ id, role, parts, metadata }: ChatMessage): UIMessage {
  return { id, role, parts, ...(metadata === undefined ? {} : { metadata }) };
}

function toStored({ id, role, parts, metadata }: UIMessage): ChatMessage {
  const content = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { role, content, id, parts, ...(metadata === undefined ? {} : { metadata }) };
}
