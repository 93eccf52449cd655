import { freePort } from "@streambed/test-kit";
import { describe, expect, test, vi } from "vitest";
import { readStream } from "../src/index.ts";
import { cursorsAt, DONE, event, EVENT_STREAM, head } from "./support/answers.ts";
import { openStream, outcomeOf, respond, stream } from "./support/answers.ts";
import type { Outcome } from "./support/answers.ts";
import { rawServer } from "./support/raw-server.ts";
import type { Script } from "./support/raw-server.ts";

vi.setConfig({ testTimeout: 8_000 });

const QUICK = { retryDelayMs: () => 0, silenceMs: 100, maxRetries: 3 };
const WHOLE = { text: "abc", seqs: [1, 2, 3], end: "done" };
const ID = "event: stream-id\ndata: x\n\n";
const A = event(1, "a");
const BC = event(2, "b") + event(3, "c");
const REST = stream(BC, DONE);

interface Row {
  /** Requests, if not one for each script. */
  requests?: number;
  cursors?: string[];
  /** What is expected instead of {@link WHOLE}. */
  outcome?: Partial<Outcome>;
}

function table(what: string, rows: [name: string, scripts: Script[], row?: Row][]): void {
  test.each(rows)(
    `${what}: %s`,
    async (_, scripts, { requests, cursors, outcome = WHOLE } = {}) => {
      const server = await rawServer(...scripts);
      const result = await outcomeOf(readStream({ url: server.url, ...QUICK }));
      expect(result).toMatchObject(outcome);
      if (outcome.end === undefined) expect(result.end).toBe(undefined);
      expect(server.requests).toHaveLength(requests ?? scripts.length);
      if (cursors) expect(cursorsAt(server)).toEqual(cursors);
    },
  );
}

const said = (error: string) => JSON.stringify({ error, code: "INVALID_CURSOR" });
const refused = (code: string, status?: number) =>
  ({ outcome: { text: "", code, error: { status } }, requests: 1 }) as Row;

table("a status", [
  ["500, then fine", [respond("500 Oops"), stream(A, BC, DONE)]],
  ["502 with a page, in the middle", [stream(A), respond("502 Bad", "<p>"), REST]],
  ["408", [respond("408 Late"), stream(A, BC, DONE)]],
  ["425", [respond("425 Early"), stream(A, BC, DONE)]],
  ["429", [respond("429 Slowly"), stream(A, BC, DONE)]],
  ["500 for ever", [respond("500 Oops")], { requests: 4, outcome: { code: "UNAVAILABLE" } }],
  ["404", [respond("404 No")], refused("NOT_FOUND", 404)],
  ["401", [respond("401 No")], refused("DENIED", 401)],
  ["403", [respond("403 No")], refused("DENIED", 403)],
  ["410", [respond("410 No")], refused("LOST", 410)],
  ["204", [respond("204 Nothing")], refused("NOT_FOUND", 204)],
  ["405", [respond("405 No", "<p>")], refused("REFUSED", 405)],
  ["304", [respond("304 Same")], refused("REFUSED", 304)],
  [
    "400 with what the server says",
    [respond("400 Bad", said("the cursor 7 is past seq 3"))],
    {
      outcome: { code: "REFUSED", error: { status: 400, message: "the cursor 7 is past seq 3" } },
    },
  ],
  [
    "400 with something else",
    [respond("400 Bad", '{"error":{"message":"no"}}')],
    { outcome: { code: "REFUSED", error: { message: "HTTP 400" } } },
  ],
  [
    "404 in the middle",
    [stream(A), respond("404 No")],
    { outcome: { text: "a", code: "NOT_FOUND" } },
  ],
  [
    "a redirect to the stream",
    [respond("307 There", "", "location: /other"), stream(A), REST],
    { requests: 3, cursors: ["", "", "1"] },
  ],
]);

const HTML = respond("200 OK", "<p>", "content-type: text/html");
const typed = (type: string) => respond("200 OK", A + BC + DONE, `content-type: ${type}`);
table("a body", [
  ["a page at first", [HTML], refused("PROTOCOL")],
  [
    "JSON at first",
    [respond("200 OK", "{}", "content-type: application/json")],
    refused("PROTOCOL"),
  ],
  ["without a type", [respond("200 OK", A + DONE)], refused("PROTOCOL")],
  ["a page after a failure", [respond("500 Oops"), HTML], { ...refused("PROTOCOL"), requests: 2 }],
  ["a page in the middle", [stream(A), HTML, HTML, REST], { cursors: ["", "1", "1", "1"] }],
  ["a page for ever after", [stream(A), HTML], { requests: 4, outcome: { code: "UNAVAILABLE" } }],
  ["a type in another case", [typed("Text/Event-Stream")]],
  ["a type with parameters", [typed("text/event-stream;charset=UTF-8;x=y")]],
  ["none", [stream(), stream(A, BC, DONE)]],
  ["none for ever", [stream()], { requests: 4, outcome: { code: "UNAVAILABLE" } }],
  ["the id for ever", [stream(ID)], { requests: 4, outcome: { code: "UNAVAILABLE" } }],
  [
    "the same for ever",
    [stream(ID, A)],
    { requests: 4, outcome: { text: "a", code: "UNAVAILABLE" } },
  ],
]);

const BYTES = Buffer.from(event(2, "€"));
const CUT_CHARACTER = BYTES.subarray(0, BYTES.indexOf("€") + 2);
const BROKEN = Buffer.concat([CUT_CHARACTER, Buffer.from("\n\n")]);
const LONG = "é".repeat(50_000);
const HUGE = "é".repeat(1_000_000);
const long = (data: string): Row => ({ outcome: { text: data, seqs: [1], end: "done" } });
const inPieces: Script = (socket) => {
  socket.write(head("200 OK", EVENT_STREAM));
  const bytes = Buffer.from(event(1, "aé") + event(2, "😀") + DONE);
  let at = 0;
  const next = (): void => {
    if (at === bytes.length) return void socket.end();
    socket.write(bytes.subarray(at, ++at));
    setImmediate(next);
  };
  next();
};
const crs = (end: string): string => (A + BC + DONE).replaceAll("\n", end);
table("bytes", [
  ["an event cut off at the close", [stream(A, "id: 2\ndata: b\n"), REST], { cursors: ["", "1"] }],
  ["a field cut off at the close", [stream(A, "id: 2\nda"), REST], { cursors: ["", "1"] }],
  ["half a character at the close", [stream(A, CUT_CHARACTER), REST], { cursors: ["", "1"] }],
  ["half a character in an event", [stream(A, BROKEN), stream(A, BC, DONE)]],
  [
    "half a character in an event for ever",
    [stream(A), stream(BROKEN, event(3, "c"), DONE)],
    { requests: 4, outcome: { text: "a", code: "UNAVAILABLE" } },
  ],
  ["100 kB in a line", [stream(event(1, LONG), DONE)], long(LONG)],
  ["2 MB in a line", [stream(event(1, HUGE), DONE)], long(HUGE)],
  ["one at a time", [inPieces], { outcome: { text: "aé😀", seqs: [1, 2], end: "done" } }],
  ["lines that end with CRLF", [stream(crs("\r\n"))]],
  ["lines that end with CR", [stream(crs("\r"))]],
  ["a byte order mark", [stream("\ufeff", A, BC, DONE)]],
  ["fields and comments that nobody knows", [stream(":\n\nretry: 9\nx\n\n", A, ": y\n", BC, DONE)]],
  ["an empty event name", [stream("event:\n", A, BC, DONE)]],
]);

const unread = (text: string): Row => ({ outcome: { text, code: "PROTOCOL" } });
table("an id", [
  ["that is missing at first", [stream("data: a\n\n", BC, DONE)], unread("")],
  ["that is missing later", [stream(A, "data: b\n\n", DONE)], unread("a")],
  ["that is a word", [stream(A, event("x", "b"), DONE)], unread("a")],
  ["that is empty", [stream(A, event("", "b"), DONE)], unread("a")],
  ["that is 0", [stream(event(0, "a"), DONE)], unread("")],
  ["below 0", [stream(A, event(-2, "b"), DONE)], unread("a")],
  ["with a sign", [stream(A, event("+2", "b"), DONE)], unread("a")],
  ["with a fraction", [stream(A, event("2.0", "b"), DONE)], unread("a")],
  ["in hex", [stream(A, event("0x2", "b"), DONE)], unread("a")],
  ["that no number can hold", [stream(A, event("9007199254740993", "b"), DONE)], unread("a")],
  ["that comes twice", [stream(A, event(1, "b"), DONE)], unread("a")],
  ["that goes back", [stream(A, BC, event(2, "b"), DONE)], unread("abc")],
  ["after a gap", [stream(A, event(3, "c"), DONE), REST], { cursors: ["", "1"] }],
  [
    "after a gap for ever",
    [stream(A, event(3, "c"), DONE), stream(event(3, "c"), DONE)],
    { requests: 4, outcome: { text: "a", code: "UNAVAILABLE" } },
  ],
  ["of before the cursor", [stream(A), stream(A, BC), stream(A, BC, DONE)]],
  ["of the stream", [stream(ID, A, BC, DONE)]],
]);

const failure = (message: string): string => `event: error\ndata: ${message}\n\n`;
const STOPPED = "event: stopped\ndata: \n\n";
const told = (code: string, message: string): Row => ({
  outcome: { text: "a", code, error: { message } },
});
table("an end", [
  ["UNAVAILABLE", [stream(A, failure("UNAVAILABLE: x")), REST], { cursors: ["", "1"] }],
  ["the stream cannot be read", [stream(A, failure("the stream cannot be read")), REST]],
  ["EXPIRED", [stream(A, failure("EXPIRED: x"))], told("NOT_FOUND", "EXPIRED: x")],
  ["NOT_FOUND", [stream(A, failure("NOT_FOUND: x"))], told("NOT_FOUND", "NOT_FOUND: x")],
  ["LOST", [stream(A, failure("LOST: x"))], told("LOST", "LOST: x")],
  ["LOST, stored", [stream(A, failure("LOST: x"), DONE)], told("FAILED", "LOST: x")],
  ["an error without text", [stream(A, failure(""), DONE)], told("FAILED", "")],
  [
    "an error cut from its done",
    [stream(A, failure("x")), stream(failure("x"), DONE)],
    told("FAILED", "x"),
  ],
  ["an error of another connection", [stream(A, failure("x")), REST]],
  ["stopped", [stream(A, BC, STOPPED, DONE)], { outcome: { ...WHOLE, end: "stopped" } }],
  ["stopped without done", [stream(A, STOPPED), REST]],
  ["done without anything", [stream(DONE)], { outcome: { text: "", end: "done" } }],
  ["done without data", [stream(A, "event: done\n\n"), REST]],
  ["done that is not whole", [stream(A, "event: done\ndata: \n"), REST]],
  ["done and rubbish behind it", [stream(A, BC, DONE, event(4, "d"), failure("x"), "\xff")]],
  ["done that does not close", [openStream(A, BC, DONE)]],
]);

const silent: Script = () => {};
table("silence", [
  ["no response", [silent, stream(A, BC, DONE)]],
  ["half a head", [(socket) => void socket.write("HTTP/1.1 200 OK\r\n"), stream(A, BC, DONE)]],
  ["no body", [openStream(), stream(A, BC, DONE)]],
  ["in the middle", [openStream(A), openStream(event(2, "b")), stream(event(3, "c"), DONE)]],
  ["in an event", [openStream(A, "id: 2\nda"), REST]],
  ["in the body of an error", [(socket) => void socket.write(head("404 No")), stream(A, BC, DONE)]],
  ["for ever", [silent], { requests: 4, outcome: { text: "", code: "UNAVAILABLE" } }],
]);

const garbage: Script = (socket) => socket.end("SSH-2.0-x\r\n\r\n");
table("a connection", [
  ["that is closed at once", [(socket) => void socket.end(), stream(A, BC, DONE)]],
  ["that is reset at once", [(socket) => void socket.resetAndDestroy(), stream(A, BC, DONE)]],
  ["that speaks something else", [garbage, stream(A, BC, DONE)]],
]);

describe("nobody there", () => {
  test("a connection that is refused", async () => {
    const url = `http://127.0.0.1:${await freePort()}/stream`;
    expect(await outcomeOf(readStream({ url, ...QUICK }))).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("a name that is none", async () => {
    const url = "http://no-such-host.invalid/stream";
    const outcome = await outcomeOf(readStream({ url, ...QUICK, silenceMs: 2_000, maxRetries: 1 }));
    expect(outcome).toMatchObject({ code: "UNAVAILABLE" });
  });
});

test("a comment is a sign of life", async () => {
  const server = await rawServer((socket) => {
    socket.write(head("200 OK", EVENT_STREAM) + A);
    let left = 8;
    const timer = setInterval(() => {
      socket.write(left-- > 0 ? ": heartbeat\n\n" : BC + DONE);
      if (left < 0) clearInterval(timer);
    }, 100);
  });
  const outcome = await outcomeOf(readStream({ url: server.url, ...QUICK, silenceMs: 400 }));
  expect(outcome).toMatchObject(WHOLE);
  expect(server.requests).toHaveLength(1);
});
