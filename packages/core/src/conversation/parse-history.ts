import { StreamError } from "../contracts/stream-error.ts";
import type { AnyMessage, OwnNode, Tree } from "./history-node.ts";
import { isRecord } from "./json.ts";

/**
 * Reads the JSON of a history, and checks all that is built on: the types of every field but those of the
 * messages beyond `role`, and that it is a tree. Takes no trust and no recursion.
 *
 * @throws StreamError `UNSUPPORTED`
 */
export function parseHistory<M extends AnyMessage>(json: string): Tree<M> {
  const data = parse(json);
  if (!isRecord(data)) throw refusal("it is no object");
  if (data.version !== 1) throw refusal(`its version is ${shown(data.version)}, not 1`);
  const nodes = readNodes<M>(data.nodes);
  const { rootIds, activeLeafId } = data;
  if (!isTexts(rootIds)) throw refusal("rootIds is no array of ids");
  if (activeLeafId !== null && !(typeof activeLeafId === "string" && nodes.has(activeLeafId))) {
    throw refusal(`activeLeafId ${shown(activeLeafId)} does not exist`);
  }
  assertTree(nodes, rootIds);
  return { nodes, rootIds, activeLeafId };
}

function parse(json: string): unknown {
  if (typeof json !== "string") throw refusal("it is no text");
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw refusal("it is no JSON", cause);
  }
}

function readNodes<M extends AnyMessage>(value: unknown): Tree<M>["nodes"] {
  if (!isRecord(value)) throw refusal("nodes is no object");
  const nodes: Tree<M>["nodes"] = new Map();
  for (const [id, node] of Object.entries(value)) {
    // Other readers of this JSON keep nodes in plain objects.
    if (id === "__proto__") throw refusal("__proto__ is no id");
    const wrong = wrongField(id, node);
    if (wrong !== undefined) throw refusal(`in the node ${shown(id)} ${wrong}`);
    const read = node as OwnNode<M>;
    Object.freeze(read.message);
    nodes.set(id, read);
  }
  return nodes;
}

function wrongField(id: string, node: unknown): string | undefined {
  if (!isRecord(node)) return "is no object";
  const { message, parentId, children, metadata, createdAt } = node;
  if (node.id !== id) return `id is ${shown(node.id)}`;
  if (!isRecord(message) || typeof message.role !== "string") return "message has no role";
  if (parentId !== null && typeof parentId !== "string") return "parentId is no id";
  if (!isTexts(children)) return "children is no array of ids";
  if (!isRecord(metadata)) return "metadata is no object";
  if (typeof createdAt !== "string") return "createdAt is no time";
  return undefined;
}

/** Goes from the roots to every node, which must be met exactly once, coming from its parent. */
function assertTree(nodes: Tree<AnyMessage>["nodes"], rootIds: readonly string[]): void {
  const met = new Set<string>();
  const ahead = rootIds.map((id) => ({ id, parentId: null as string | null }));
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { id, parentId } = next;
    const node = nodes.get(id);
    const place = parentId === null ? "a root" : `a child of ${shown(parentId)}`;
    if (node === undefined) throw refusal(`${place}, ${shown(id)}, is missing`);
    if (node.parentId !== parentId) {
      throw refusal(`${shown(id)} is ${place}, and its parent is ${shown(node.parentId)}`);
    }
    if (met.has(id)) throw refusal(`${shown(id)} is ${place} twice`);
    met.add(id);
    for (const child of node.children) ahead.push({ id: child, parentId: id });
  }
  for (const { id, parentId } of nodes.values()) {
    if (met.has(id)) continue;
    const isOrphan = parentId !== null && !nodes.has(parentId);
    const why = isOrphan ? "is missing" : "does not lead to it: a cycle, or a broken link";
    throw refusal(`the parent of ${shown(id)}, ${shown(parentId)}, ${why}`);
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function shown(value: unknown): string {
  const text = typeof value === "object" && value !== null ? "an object" : String(value);
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

function refusal(why: string, cause?: unknown): StreamError {
  return new StreamError("UNSUPPORTED", `this is no chat history: ${why}`, { cause });
}
