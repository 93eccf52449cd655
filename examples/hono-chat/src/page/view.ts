import type { ReaderState, StreamedEvent } from "@streambed/client";

type Tone = "idle" | "busy" | "good" | "warn" | "bad";
type Ended = Extract<ReaderState, { phase: "ended" }>;

export const $ = (id: string): HTMLElement => document.getElementById(id)!;

let seq = 0;
let isLive = false;
let arrivals: number[] = [];

/** Makes room for an answer. */
export function clear(question: string): void {
  seq = 0;
  isLive = false;
  for (const part of ["answer", "reasoning-text", "events", "usage", "log"])
    $(part).replaceChildren();
  for (const part of ["reasoning", "events"]) $(part).hidden = true;
  disable("stop", "drop", "copy");
  $("twin").removeAttribute("href");
  $("question").textContent = question;
  $("seq").textContent = "seq 0";
  $("answer").ariaBusy = "true";
}

export function showConnecting(): void {
  mark("connection", "busy", "connecting");
  mark("stream", "busy", "unknown");
  mark("status", "busy", "Connecting …");
}

export function showLive(): void {
  isLive = true;
  arrivals = [performance.now()];
  for (const button of ["stop", "drop", "copy"]) $(button).removeAttribute("disabled");
  $("twin").setAttribute("href", location.href);
  mark("connection", "good", "live");
  mark("stream", "good", "active");
  mark("status", "good", "Live. What you see is stored already.");
  note(`Connected, reading ${seq === 0 ? "from the start" : `on after seq ${seq}`}`);
}

export function showCut(cause: unknown, isDropped: boolean): void {
  const cut = isDropped ? "You dropped the connection." : "The connection was cut.";
  const why = isLive ? cut : whyUnreachable(cause);
  isLive = false;
  disable("drop");
  mark("connection", "warn", "reconnecting");
  mark("stream", "warn", "unknown");
  mark("status", "warn", `${why} Trying again, from seq ${seq} on.`);
  note(why);
  showPace();
}

export function showEnd(state: Ended, isKnown: boolean): void {
  const [tone, stream, sentence] = describeEnd(state, isKnown);
  isLive = false;
  disable("stop", "drop");
  $("answer").ariaBusy = "false";
  mark("connection", "idle", "closed");
  mark("stream", tone, stream);
  mark("status", tone, sentence);
  note(sentence);
  showPace();
}

/** Its tone, what the store says, and a sentence. */
function describeEnd(state: Ended, isKnown: boolean): [Tone, string, string] {
  if (state.end !== "error") {
    return state.end === "done"
      ? ["good", "done", "Done. The whole answer is stored."]
      : ["warn", "stopped", "Stopped. What came before is stored."];
  }
  const { code, message, cause = state.error } = state.error;
  if (code === "FAILED") {
    const sentence = `Broken off, not finished: ${message}. What was stored is kept below.`;
    return ["bad", `error: ${message}`, sentence];
  }
  if (!isKnown) return ["bad", "none", `There is no answer to follow. ${whyUnreachable(cause)}`];
  if (code === "NOT_FOUND")
    return ["bad", "unknown id", "There is no such answer: the link is wrong, or too old."];
  return ["bad", "unknown", `This page cannot read on. ${toSentence(state.error)}`];
}

/** A browser tells a page no more than that. */
const whyUnreachable = (cause: unknown): string =>
  cause instanceof TypeError ? "The server cannot be reached." : toSentence(cause);

export function toSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^./, (first) => first.toUpperCase()).replace(/[.!?]?$/, (end) => end || ".");
}

export function showEvent({ seq: at, event, data }: StreamedEvent): void {
  seq = at;
  arrivals.push(performance.now());
  $("seq").textContent = `seq ${seq}`;
  if (event === "") {
    $("answer").append(data);
  } else if (event === "reasoning") {
    $("reasoning").hidden = false;
    $("reasoning-text").append(data);
  } else if (event === "usage") {
    const { inputTokens = "?", outputTokens = "?" } = JSON.parse(data) as Record<string, number>;
    $("usage").textContent = `Usage: ${inputTokens} tokens in, ${outputTokens} out`;
  } else {
    $("events").append(element("li", `${event} ${data}`));
    $("events").hidden = false;
  }
}

export function showEarlier(turns: { role: string; content: string }[]): void {
  const items = turns.map(({ role, content }) => {
    const item = element("li", content);
    item.dataset.role = role;
    return item;
  });
  $("earlier").replaceChildren(...items);
  $("earlier").hidden = items.length === 0;
}

export function mark(part: string, tone: Tone, text: string): void {
  $(part).dataset.tone = tone;
  if ($(part).textContent !== text) $(part).textContent = text;
}

function showPace(): void {
  const now = performance.now();
  const silentFor = Math.floor((now - arrivals.at(-1)!) / 1000);
  arrivals = arrivals.filter((at, index) => now - at < 2_000 || index === arrivals.length - 1);
  const pace =
    silentFor >= 2 ? `silent for ${silentFor} s` : `${Math.round(arrivals.length / 2)} chunks/s`;
  $("pace").textContent = isLive ? pace : "–";
}
setInterval(showPace, 500);

function disable(...buttons: string[]): void {
  for (const button of buttons) $(button).setAttribute("disabled", "");
}

function note(text: string): void {
  const item = element("li", text);
  item.prepend(element("time", new Date().toLocaleTimeString()));
  $("log").prepend(item);
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
