/** What a message is at least. All that JSON keeps of it is kept: attachments, parts, anything. */
export interface AnyMessage {
  role: string;
}

/** What a message is unless the type of the conversation says otherwise. */
export interface ConversationMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

/** A message in its place. */
export interface HistoryNode<M extends AnyMessage = ConversationMessage> {
  readonly id: string;
  readonly message: M;
  /** `null` where a conversation begins. */
  readonly parentId: string | null;
  /** Ids, the oldest first. */
  readonly children: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO-8601. */
  readonly createdAt: string;
}

/** As a history itself holds it. */
export interface OwnNode<M extends AnyMessage> extends HistoryNode<M> {
  readonly children: string[];
}

/** What `ChatHistory.toJSON` writes, `nodes` as an object. */
export interface Tree<M extends AnyMessage> {
  nodes: Map<string, OwnNode<M>>;
  rootIds: string[];
  activeLeafId: string | null;
}
