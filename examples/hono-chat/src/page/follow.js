const ROUTE = "/__streambed__/stream";
const RETRY_MS = { first: 500, most: 4_000, dropped: 2_000 };
/** The server sends at least a comment every 15 s: after this long the connection is dead. */
const SILENCE_MS = 40_000;
const DROPPED = "You dropped the connection.";

/**
 * Asks `prompt` in the conversation `session`, or joins the answer `id`, and follows it to its stored end through as many connections
 * as that takes, each from where the last one broke.
 *
 * Calls `on.connecting(again)`, `on.live(id, seq)`, `on.chunk({ seq, event, data })`, `on.cut(why)`, and
 * last, once, `on.end({ state, message })`: "done", "stopped" and "error" are what the store says,
 * "unknown" is no such answer, "unreadable" and "unasked" are what went wrong for this page alone.
 */
export function follow({ id, prompt, session, on }) {
  let seq = 0;
  let closed = false;
  let connection = new AbortController();
  let retryNow = () => {};

  async function run() {
    let wait = RETRY_MS.first;
    for (let again = false; ; again = true) {
      on.connecting(again);
      const before = seq;
      const { end, why } = await readOnce();
      if (closed) return undefined;
      if (end) return on.end(end);
      // Not sent again by itself: it may have arrived, and one question is to be answered once.
      if (id === undefined) return on.end({ state: "unasked", message: why });
      on.cut(why);
      if (seq > before) wait = RETRY_MS.first;
      await pause(why === DROPPED ? RETRY_MS.dropped : wait);
      if (closed) return undefined;
      wait = Math.min(wait * 2, RETRY_MS.most);
    }
  }

  /** One connection: `end` if there is nothing more to come, otherwise `why` it is over. */
  async function readOnce() {
    connection = new AbortController();
    let live = false;
    try {
      const response = await notSilent(connect(connection.signal), connection);
      if (!response.ok) return await refusal(response);
      id = response.headers.get("x-stream-id");
      live = true;
      on.live(id, seq);
      return await readBody(response.body);
    } catch (error) {
      if (connection.signal.aborted) return { why: connection.signal.reason.message };
      if (!(error instanceof TypeError)) return { why: error.message };
      return { why: live ? "The connection was cut." : "The server cannot be reached." };
    }
  }

  function connect(signal) {
    if (id !== undefined)
      return fetch(`${ROUTE}/resume?${new URLSearchParams({ id, after: seq })}`, { signal });
    return post(ROUTE, { prompt, sessionId: session }, signal);
  }

  async function readBody(body) {
    let end = { state: "done" };
    for await (const event of readEvents(body, connection)) {
      if (event.event === "done") return { end };
      if (event.event === "error") end = { state: "error", message: event.data };
      else if (event.event === "stopped") end = { state: "stopped" };
      else if (event.event !== "stream-id") take(event);
    }
    // Without `done` no end is stored. An error says why this connection cannot go on; another may.
    if (end.state !== "error") return { why: "The connection was cut." };
    if (end.message.startsWith("UNAVAILABLE")) return { why: "The store cannot be reached." };
    return { end: { state: "unreadable", message: end.message } };
  }

  function take({ id: lastEventId, event, data }) {
    const next = Number(lastEventId);
    if (next <= seq) return;
    if (next !== seq + 1) throw new Error(`Seq ${next} came after ${seq}.`);
    seq = next;
    on.chunk({ seq, event, data });
  }

  function pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      retryNow = () => (clearTimeout(timer), resolve());
    });
  }

  const wake = () => retryNow();
  window.addEventListener("online", wake);
  void run().finally(() => window.removeEventListener("online", wake));

  return {
    /** Breaks the connection as a bad network would; the answer goes on, and so does this reader. */
    drop: () => connection.abort(new Error(DROPPED)),
    /** Ends the answer for everyone. */
    stop: async () => {
      const response = await post(`${ROUTE}/stop`, { id });
      if (!response.ok) throw new Error(await messageOf(response));
    },
    /** Stops looking; the answer goes on. */
    leave: () => {
      closed = true;
      connection.abort();
      retryNow();
    },
  };
}

async function refusal(response) {
  const message = await messageOf(response);
  if (response.status >= 500) return { why: message };
  return { end: { state: response.status === 404 ? "unknown" : "unreadable", message } };
}

async function messageOf(response) {
  const { error } = await response.json().catch(() => ({}));
  return error ?? `The server answered ${response.status}.`;
}

function post(url, body, signal) {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
}

/** Server-sent events as this server writes them: lines end in LF, events in an empty line. */
async function* readEvents(body, connection) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await notSilent(reader.read(), connection);
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    yield* blocks.map(toEvent);
  }
}

function notSilent(promise, connection) {
  const abort = () => connection.abort(new Error("The connection went silent."));
  const timer = setTimeout(abort, SILENCE_MS);
  return promise.finally(() => clearTimeout(timer));
}

function toEvent(block) {
  const event = { id: "", event: "", data: "" };
  const data = [];
  for (const line of block.split("\n")) {
    const [field] = line.split(": ", 1);
    const value = line.slice(field.length + 2);
    if (field === "data") data.push(value);
    else if (field === "id" || field === "event") event[field] = value;
  }
  return { ...event, data: data.join("\n") };
}
