import type { DurableState } from "@streambed/client";
import type { ChatStatus } from "ai";
import type { BrokenOff, Message } from "../../../load-messages.ts";

export interface Told {
  tone: "idle" | "busy" | "warn" | "bad";
  text: string;
}

interface Standing {
  messages: Message[];
  status: ChatStatus;
  state: DurableState;
  isBusy: boolean;
}

/** How things are, in a sentence. */
export function tell({ messages, status, state, isBusy }: Standing): Told {
  if (state.phase === "reconnecting") {
    return navigator.onLine
      ? { tone: "warn", text: "The server cannot be reached. Trying again …" }
      : { tone: "warn", text: "Offline. Reading on when the network is back." };
  }
  if (status === "submitted") return { tone: "busy", text: "Asking …" };
  if (status === "streaming") return { tone: "busy", text: "Answering …" };
  if (isBusy) return { tone: "busy", text: "Looking for what there is …" };
  if (state.phase === "ended" && state.end === "error") {
    return { tone: "bad", text: `This page cannot go on: ${state.error.message}.` };
  }
  const end = messages.at(-1)?.metadata?.brokenOff;
  return end ? tellEnd(end) : { tone: "idle", text: "Ready." };
}

function tellEnd({ state, error }: BrokenOff): Told {
  return state === "stopped"
    ? { tone: "warn", text: "Stopped. What came before is kept." }
    : { tone: "bad", text: `Broken off, not finished: ${error}. What came before is kept.` };
}
