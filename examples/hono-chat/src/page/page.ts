import { readStream, startStream, StreamClientError, stopStream } from "@streambed/client";
import type { ReaderState, ReadingOptions, StreamedEvent } from "@streambed/client";
import { $, clear, mark, showConnecting, showCut } from "./view.ts";
import { showEarlier, showEnd, showEvent, showLive, toSentence } from "./view.ts";

const ROUTE = "/__streambed__/stream";

/** The id of the conversation: random, in the link, and known to nobody else. */
let session = "";
/** The id of the answer that is shown, from when it has one. */
let id: string | undefined;
/** Ends the reading, not the answer. */
let shown: AbortController | undefined;
let connection = new AbortController();

const reading: ReadingOptions = {
  /** Lets a button cut what is open, which for the reader is a network that has gone. */
  fetch(input, init) {
    connection = new AbortController();
    const signals = init?.signal ? [connection.signal, init.signal] : [connection.signal];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  },
  // Long enough to be seen, and for as long as a killed server takes to be started again.
  retryDelayMs: () => 2_000,
  maxRetries: Infinity,
  onState,
};

function onState(state: ReaderState): void {
  if (state.phase === "connecting") showConnecting();
  else if (state.phase === "reconnecting") showCut(state.cause, connection.signal.aborted);
  else if (state.phase === "ended") showEnd(state, id !== undefined);
  else {
    showLive();
    void loadEarlier();
  }
}

/** Shows the answer of the link, or one to this question, in place of what is shown. */
async function show(question?: string): Promise<void> {
  shown?.abort();
  shown = new AbortController();
  const { signal } = shown;
  const link = new URL(location.href);
  id = question === undefined ? link.searchParams.get("id")! : undefined;
  // The store keeps the answer; its question travels in the link.
  const asked = question ?? new URLSearchParams(link.hash.slice(1)).get("q");
  clear(asked || "A question asked elsewhere");
  try {
    const events = id === undefined ? await ask(question!, signal) : follow(id, signal);
    for await (const event of events) showEvent(event);
  } catch (error) {
    // What can go wrong with an answer has been told as a state.
    if (!signal.aborted && !StreamClientError.is(error)) throw error;
  }
}

function follow(known: string, signal: AbortSignal): AsyncIterable<StreamedEvent> {
  const url = `${ROUTE}/resume?${new URLSearchParams({ id: known })}`;
  return readStream({ ...reading, url, signal });
}

async function ask(prompt: string, signal: AbortSignal): Promise<AsyncIterable<StreamedEvent>> {
  const body = { prompt, sessionId: session };
  const answer = await startStream({ ...reading, url: ROUTE, body, signal });
  id = answer.id;
  const link = new URLSearchParams({ session, id });
  history.pushState(null, "", `/?${link}#${new URLSearchParams({ q: prompt })}`);
  return answer;
}

/** What was said before, as it is kept: all but the turn that is shown by itself. */
async function loadEarlier(): Promise<void> {
  const response = await fetch(`/conversation/${session}`).catch(() => undefined);
  if (!response?.ok) return;
  const turns = (await response.json()) as { streamId: string; role: string; content: string }[];
  showEarlier(turns.filter(({ streamId }) => streamId !== id));
}

function showLocation(): void {
  const link = new URLSearchParams(location.search);
  session = link.get("session") ?? randomId();
  if (link.has("id")) void show();
  else if (shown) location.reload();
}

/** Not `crypto.randomUUID`, which a phone that joins over plain HTTP does not have. */
function randomId(): string {
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

$("form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  void show(($("prompt") as HTMLInputElement).value);
});
$("stop").addEventListener("click", () => {
  stopStream({ url: ROUTE, id: id! }).catch((error: unknown) =>
    mark("status", "bad", `Stop did not get through. ${toSentence(error)}`),
  );
});
$("drop").addEventListener("click", () => connection.abort());
$("copy").addEventListener("click", () => {
  navigator.clipboard.writeText(location.href).then(
    () => mark("status", "good", "The link is copied: open it anywhere."),
    () =>
      mark("status", "warn", "Copying is not allowed here: take the link from the address bar."),
  );
});
window.addEventListener("popstate", showLocation);
showLocation();
