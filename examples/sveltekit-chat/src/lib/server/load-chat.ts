import type { UIMessage } from "@ai-sdk/svelte";
import type { KeptChat } from "../kept-chat.ts";
import { conversations } from "./streambed.ts";

/** What is kept of a chat, and of each answer that is not whole, what became of it. */
export async function loadChat(id: string): Promise<KeptChat> {
  const history = await conversations.load(id);
  const messages: UIMessage[] = [];
  const ends: KeptChat["ends"] = {};
  for (const nodeId of history.nodeIds) {
    const { message, metadata } = history.get(nodeId)!;
    const { id: messageId, role, parts } = message;
    // `@ai-sdk/svelte` brings an `ai` of its own, whose types are a little older.
    messages.push({ id: messageId, role, parts } as UIMessage);
    const { state, error } = metadata;
    if (role === "assistant" && state !== "done") ends[messageId] = String(error ?? state);
  }
  return { messages, ends };
}
