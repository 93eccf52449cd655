import { APICallError } from "ai";
import type { ChatStatus } from "ai";
import type { BrokenOff, Message } from "../../../load-messages.ts";

export interface Told {
  tone: "idle" | "busy" | "warn" | "bad";
  text: string;
}

/** How things are, in a sentence. */
export function tell(
  status: ChatStatus,
  error: Error | undefined,
  last: Message | undefined,
): Told {
  if (status === "submitted") return { tone: "busy", text: "Asking …" };
  if (status === "streaming") return { tone: "busy", text: "Answering …" };
  if (status === "error") return tellError(error);
  const end = last?.metadata?.brokenOff;
  return end ? tellEnd(end) : { tone: "idle", text: "Ready." };
}

function tellError(error: Error | undefined): Told {
  if (APICallError.isInstance(error)) {
    const why = reasonOf(error);
    return { tone: "bad", text: `The server refused: ${why}.` };
  }
  // What `fetch` throws when the network is to blame. Else the answer itself tells of its end.
  if (!(error instanceof TypeError)) return tellEnd({ state: "error", error: error?.message });
  return navigator.onLine
    ? { tone: "warn", text: "The server cannot be reached. Trying again …" }
    : { tone: "warn", text: "Offline. Reading on when the network is back." };
}

function tellEnd({ state, error }: BrokenOff): Told {
  return state === "stopped"
    ? { tone: "warn", text: "Stopped. What came before is kept." }
    : { tone: "bad", text: `Broken off, not finished: ${error}. What came before is kept.` };
}

function reasonOf({ responseBody = "", statusCode }: APICallError): string {
  try {
    return (JSON.parse(responseBody) as { error: string }).error;
  } catch {
    return `it answered ${statusCode}`;
  }
}
