// oxlint-disable-next-line import/extensions -- a browser takes it as it stands.
import { follow } from "./follow.js";

const $ = (id) => document.getElementById(id);

/** For each end: its tone, what the store says, and a sentence. */
const ENDS = {
  done: () => ["good", "done", "Done. The whole answer is stored."],
  stopped: () => ["warn", "stopped", "Stopped. What came before is stored."],
  error: (why) => [
    "bad",
    `error: ${why}`,
    `Broken off, not finished: ${why}. What was stored is kept below.`,
  ],
  unknown: () => ["bad", "unknown id", "There is no such answer: the link is wrong, or too old."],
  unreadable: (why) => ["bad", "unknown", `This page cannot read on. ${toSentence(why)}`],
  unasked: (why) => ["bad", "none", `There is no answer to follow. ${toSentence(why)}`],
};

const RENDER = {
  "": (text) => $("answer").append(text),
  reasoning(text) {
    $("reasoning").hidden = false;
    $("reasoning-text").append(text);
  },
  usage(json) {
    const { inputTokens = "?", outputTokens = "?" } = JSON.parse(json);
    $("usage").textContent = `Usage: ${inputTokens} tokens in, ${outputTokens} out`;
  },
};

let answer;
let arrivals = [];
/** The id of the conversation: random, in the link, and known to nobody else. */
let session = "";

/** Shows the answer `id`, or asks for one. */
function show({ id, prompt }) {
  answer?.leave();
  arrivals = [];
  for (const part of ["answer", "reasoning-text", "events", "usage", "log"])
    $(part).replaceChildren();
  for (const part of ["reasoning", "events"]) $(part).hidden = true;
  for (const button of ["stop", "drop", "copy"]) $(button).disabled = true;
  $("twin").removeAttribute("href");
  $("question").textContent = prompt || "A question asked elsewhere";
  $("seq").textContent = "seq 0";
  $("answer").ariaBusy = "true";
  mark("stream", "busy", "unknown");
  mark("status", "busy", "Connecting …");
  answer = follow({ id, prompt, session, on: { connecting, live, chunk, cut, end } });

  function connecting(again) {
    mark("connection", "busy", again ? "reconnecting" : "connecting");
  }

  function live(liveId, seq) {
    if (id === undefined) {
      const link = new URLSearchParams({ session, id: liveId });
      history.pushState(null, "", `/?${link}#${new URLSearchParams({ q: prompt })}`);
    }
    id = liveId;
    void showEarlier(id);
    arrivals = [performance.now()];
    for (const button of ["stop", "drop", "copy"]) $(button).disabled = false;
    $("twin").href = location.href;
    mark("connection", "good", "live");
    mark("stream", "good", "active");
    mark("status", "good", "Live. What you see is stored already.");
    note(`Connected, reading ${seq === 0 ? "from the start" : `on after seq ${seq}`}`);
  }

  function cut(why) {
    $("drop").disabled = true;
    mark("connection", "warn", "reconnecting");
    mark("stream", "warn", "unknown");
    mark("status", "warn", `${toSentence(why)} Trying again, from ${$("seq").textContent} on.`);
    note(why);
    showPace();
  }

  function end({ state, message }) {
    const [tone, stream, sentence] = ENDS[state](message);
    for (const button of ["stop", "drop"]) $(button).disabled = true;
    $("answer").ariaBusy = "false";
    mark("connection", "idle", "closed");
    mark("stream", tone, stream);
    mark("status", tone, sentence);
    note(sentence);
    showPace();
  }
}

/** What was said before, as it is kept: all but the turn that is shown by itself. */
async function showEarlier(id) {
  const response = await fetch(`/conversation/${session}`).catch(() => undefined);
  if (!response?.ok) return;
  const turns = (await response.json()).filter(({ streamId }) => streamId !== id);
  const items = turns.map(({ role, content }) => {
    const item = document.createElement("li");
    item.dataset.role = role;
    item.textContent = content;
    return item;
  });
  $("earlier").replaceChildren(...items);
  $("earlier").hidden = items.length === 0;
}

function chunk({ seq, event, data }) {
  arrivals.push(performance.now());
  $("seq").textContent = `seq ${seq}`;
  if (Object.hasOwn(RENDER, event)) return RENDER[event](data);
  const item = document.createElement("li");
  item.textContent = `${event} ${data}`;
  $("events").append(item);
  $("events").hidden = false;
}

function toSentence(text) {
  return text.replace(/[.!?]?$/, (end) => end || ".");
}

function mark(part, tone, text) {
  $(part).dataset.tone = tone;
  if ($(part).textContent !== text) $(part).textContent = text;
}

function note(text) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString();
  item.append(time, text);
  $("log").prepend(item);
}

function showPace() {
  const now = performance.now();
  const silentFor = Math.floor((now - arrivals.at(-1)) / 1000);
  arrivals = arrivals.filter((at, index) => now - at < 2_000 || index === arrivals.length - 1);
  const pace =
    silentFor >= 2 ? `silent for ${silentFor} s` : `${Math.round(arrivals.length / 2)} chunks/s`;
  $("pace").textContent = $("stream").textContent === "active" ? pace : "–";
}
setInterval(showPace, 500);

function showLocation() {
  const link = new URLSearchParams(location.search);
  const id = link.get("id");
  session = link.get("session") ?? randomId();
  // The store keeps the answer; its question travels in the link.
  if (id) show({ id, prompt: new URLSearchParams(location.hash.slice(1)).get("q") });
  else if (answer) location.reload();
}

/** Not `crypto.randomUUID`, which a phone that joins over plain HTTP does not have. */
function randomId() {
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

$("form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  show({ prompt: $("prompt").value });
});
$("stop").addEventListener("click", () => {
  answer
    .stop()
    .catch((error) => mark("status", "bad", `Stop did not get through: ${error.message}`));
});
$("drop").addEventListener("click", () => answer.drop());
$("copy").addEventListener("click", () => {
  navigator.clipboard.writeText(location.href).then(
    () => mark("status", $("status").dataset.tone, "The link is copied: open it anywhere."),
    () =>
      mark("status", "warn", "Copying is not allowed here: take the link from the address bar."),
  );
});
window.addEventListener("popstate", showLocation);
showLocation();
