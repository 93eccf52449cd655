import { StreamError } from "../contracts/stream-error.ts";
import type { AnyMessage, ConversationMessage, HistoryNode, OwnNode } from "./history-node.ts";
import { toJson } from "./json.ts";
import { toNode } from "./new-node.ts";
import type { AppendMessageOptions } from "./new-node.ts";
import { parseHistory } from "./parse-history.ts";

/**
 * A conversation: a tree of messages, of which one path, from a root to the active leaf, is what is shown and
 * goes to the model. Editing and regenerating add branches; nothing gets lost but by `compact`.
 *
 * Ids of messages are random. A message is copied, as JSON would, and frozen when it is added.
 */
export class ChatHistory<M extends AnyMessage = ConversationMessage> {
  readonly #nodes: Map<string, OwnNode<M>> = new Map();
  #rootIds: string[] = [];
  #activeLeafId: string | null = null;

  /**
   * Reads what `toJSON` wrote, here or in another library that writes the same. That its messages are of type
   * `M` is for the caller to know.
   *
   * @throws StreamError `UNSUPPORTED` if it is anything else, or its nodes are no tree
   */
  static fromJSON<M extends AnyMessage = ConversationMessage>(json: string): ChatHistory<M> {
    const { nodes, rootIds, activeLeafId } = parseHistory<M>(json);
    const history = new ChatHistory<M>();
    for (const [id, node] of nodes) history.#nodes.set(id, node);
    history.#rootIds = rootIds;
    history.#activeLeafId = activeLeafId;
    return history;
  }

  /** The active path, from its root to the active leaf. */
  get messages(): M[] {
    return this.nodeIds.map((id) => this.#find(id).message);
  }

  /** The ids of `messages`. */
  get nodeIds(): string[] {
    const ids: string[] = [];
    for (let id = this.#activeLeafId; id !== null; id = this.#find(id).parentId) ids.push(id);
    return ids.reverse();
  }

  /** Id of the last of `messages`, `null` if there is none. */
  get activeLeafId(): string | null {
    return this.#activeLeafId;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** How many messages there are, on all branches. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The message of that id and its place, as it is now; undefined if there is none. */
  get(id: string): HistoryNode<M> | undefined {
    return this.#nodes.get(id);
  }

  /**
   * Adds `message` behind the active leaf, or behind `parentId`, and returns its id.
   *
   * Behind the active leaf it becomes that itself. Behind any other message it leaves the active path alone:
   * an answer that comes late does not take anyone back to an old question.
   *
   * @throws StreamError `INVALID_MESSAGE`, or `NOT_FOUND` if there is no `parentId` (any more)
   */
  append(message: M, options: AppendMessageOptions = {}): string {
    const { parentId = this.#activeLeafId, metadata } = options;
    const isNext = parentId === this.#activeLeafId;
    const id = this.#insert(toNode(message, parentId, metadata));
    if (isNext) this.#activeLeafId = id;
    return id;
  }

  /**
   * Adds `message` beside the one of that id, makes it the active leaf, and returns its id.
   *
   * @throws StreamError `INVALID_MESSAGE`, `NOT_FOUND`
   */
  edit(id: string, message: M): string {
    const { parentId } = this.#find(id);
    this.#activeLeafId = this.#insert(toNode(message, parentId));
    return this.#activeLeafId;
  }

  /** As `edit`: another answer in place of this one. @throws StreamError `INVALID_MESSAGE`, `NOT_FOUND` */
  regenerate(id: string, message: M): string {
    return this.edit(id, message);
  }

  /** Whether it has been edited or regenerated. @throws StreamError `NOT_FOUND` */
  hasAlternatives(id: string): boolean {
    return this.alternativeCount(id) > 1;
  }

  /** How many messages stand in this place, this one included. @throws StreamError `NOT_FOUND` */
  alternativeCount(id: string): number {
    return this.#alternatives(id).length;
  }

  /** Which of the alternatives it is, from 0. @throws StreamError `NOT_FOUND` */
  alternativeIndex(id: string): number {
    return this.#alternatives(id).indexOf(id);
  }

  /**
   * Makes the alternative after this one active, and from there the first children, down to a leaf. After the
   * last it changes nothing.
   *
   * @throws StreamError `NOT_FOUND`
   */
  nextAlternative(id: string): void {
    this.#moveBy(1, id);
  }

  /** The same, to the alternative before this one. @throws StreamError `NOT_FOUND` */
  prevAlternative(id: string): void {
    this.#moveBy(-1, id);
  }

  /** Forgets everything, begins anew with `summary`, and returns its id. @throws StreamError `INVALID_MESSAGE` */
  compact(summary: M): string {
    const compactedAt = new Date().toISOString();
    const node = toNode(summary, null, { compacted: true, compactedAt });
    this.#nodes.clear();
    this.#rootIds = [];
    this.#activeLeafId = this.#insert(node);
    return node.id;
  }

  /** All of it, as a string: `JSON.stringify` would quote it once more. @throws StreamError `INVALID_MESSAGE` */
  toJSON(): string {
    const nodes = Object.fromEntries(this.#nodes);
    const [rootIds, activeLeafId] = [this.#rootIds, this.#activeLeafId];
    return toJson({ version: 1, nodes, rootIds, activeLeafId }, "the history");
  }

  #find(id: string): OwnNode<M> {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new StreamError("NOT_FOUND", `the message ${id} does not exist`);
    return node;
  }

  #insert(node: OwnNode<M>): string {
    this.#childrenOf(node.parentId).push(node.id);
    this.#nodes.set(node.id, node);
    newest.set(this, node.id);
    return node.id;
  }

  #childrenOf(parentId: string | null): string[] {
    return parentId === null ? this.#rootIds : this.#find(parentId).children;
  }

  #alternatives(id: string): readonly string[] {
    return this.#childrenOf(this.#find(id).parentId);
  }

  #moveBy(step: 1 | -1, id: string): void {
    const beside = this.#alternatives(id)[this.alternativeIndex(id) + step];
    for (let leaf = beside; leaf !== undefined; leaf = this.#find(leaf).children[0]) {
      this.#activeLeafId = leaf;
    }
  }
}

/** The message that each history was given last. */
const newest: WeakMap<object, string> = new WeakMap();

/** Id of the message that was added last to this object; undefined if none was since it was read. */
export function newestOf(history: object): string | undefined {
  return newest.get(history);
}
