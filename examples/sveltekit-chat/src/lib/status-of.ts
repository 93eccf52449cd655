import type { DurableChat } from "./durable-chat.svelte.ts";

export interface Status {
  tone: "good" | "busy" | "warn" | "bad";
  text: string;
}

/** What the page says of itself. */
export function statusOf(
  { messages, reader, isAnswering, isBusy }: DurableChat,
  online: boolean,
): Status {
  if (!online) return { tone: "warn", text: "Offline. It reads on when the network is back." };
  if (reader.phase === "reconnecting") {
    return { tone: "warn", text: "The server cannot be reached. Trying again." };
  }
  if (isAnswering) return { tone: "busy", text: "Answering …" };
  if (isBusy) return { tone: "busy", text: "Looking for what there is …" };
  if (reader.phase === "ended" && reader.end === "error") {
    return { tone: "bad", text: `This page cannot go on: ${reader.error.message}.` };
  }
  const last = messages.at(-1);
  const end = last?.metadata?.end;
  if (end === "stopped") return { tone: "warn", text: "Stopped. What came before is kept." };
  if (end !== undefined) return { tone: "bad", text: `Broken off, not finished: ${end}.` };
  if (last?.role === "user") return { tone: "bad", text: "There is no answer to this. Ask again." };
  return { tone: "good", text: "Ready." };
}
