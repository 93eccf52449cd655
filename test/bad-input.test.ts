import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "./support/servers.ts";
import type { TestServer } from "./support/servers.ts";
import { STORES } from "./support/stores.ts";
import type { SharedStore } from "./support/stores.ts";

type Row = [what: string, status: number, says: RegExp];

const MIB = 1_048_576;
const prompt = JSON.stringify({ say: ["made"] });

const START: [...Row, body: string | Uint8Array][] = [
  ["no prompt", 400, /prompt must be/, "{}"],
  ["a prompt of null", 400, /prompt must be/, '{"prompt":null}'],
  ["a number as prompt", 400, /prompt must be a string/, '{"prompt":7}'],
  ["an object as prompt", 400, /prompt must be a string/, '{"prompt":{}}'],
  ["a list as prompt", 400, /prompt must be a string/, '{"prompt":["a"]}'],
  ["an empty prompt", 400, /prompt must be/, '{"prompt":""}'],
  ["a prompt of white space", 400, /white space/, '{"prompt":" \\t\\r\\n\\u00a0\\u3000"}'],
  ["a system text that is none", 400, /system must be/, JSON.stringify({ prompt, system: 1 })],
  ["an empty body", 400, /JSON/, ""],
  ["half of a JSON body", 400, /JSON/, '{"prompt":"a'],
  ["a form as body", 400, /JSON/, "prompt=a"],
  ["bytes that are no UTF-8", 400, /UTF-8/, new Uint8Array([...Buffer.from('{"prompt":"'), 0xff])],
  ["a body of null", 400, /JSON object/, "null"],
  ["a list as body", 400, /JSON object/, '["prompt"]'],
  ["a string as body", 400, /JSON object/, '"prompt"'],
  ["an unknown model", 400, /unknown model "gpt"/, JSON.stringify({ prompt, model: "gpt" })],
  ["an empty model", 400, /unknown model ""/, JSON.stringify({ prompt, model: "" })],
  ["a model __proto__", 400, /unknown model/, `{"prompt":"{}","model":"__proto__"}`],
  ["a model constructor", 400, /unknown model/, `{"prompt":"{}","model":"constructor"}`],
  ["a number as model", 400, /model must be a string/, JSON.stringify({ prompt, model: 1 })],
  ["a body over 1 MiB", 413, /1048576 bytes/, JSON.stringify({ prompt: "a".repeat(MIB) })],
];

const CURSORS: Row[] = [
  ["-2", 400, /cursor .*-2/],
  ["-1", 400, /cursor/],
  ["NaN", 400, /cursor .*NaN/],
  ["1.5", 400, /cursor .*1\.5/],
  ["2junk", 400, /cursor .*2junk/],
  ["1e9", 400, /cursor .*1e9/],
  ["0x1", 400, /cursor/],
  ["01", 400, /cursor/],
  ["+1", 400, /cursor/],
  ["Infinity", 400, /cursor/],
  ["9007199254740993", 400, /cursor/],
  ["3", 400, /cursor 3 is past seq 2/],
  ["1000000000", 400, /cursor 1000000000 is past seq 2/],
];

const IDS: [...Row, id: string][] = [
  ["unknown", 404, /no (such )?stream/, "00000000-0000-4000-8000-000000000000"],
  ["with a newline", 400, /id must match/, "ID\n"],
  ["with a newline in it", 400, /id must match/, "a\nSET x y"],
  ["with a carriage return", 400, /id must match/, "ID\r"],
  ["that is a wildcard", 400, /id must match/, "*"],
  ["with a wildcard", 400, /id must match/, "ID*"],
  ["with a question mark", 400, /id must match/, "I?"],
  ["with a bracket", 400, /id must match/, "[a-z]"],
  ["with a NUL", 400, /id must match/, "ID\0"],
  ["with a slash", 400, /id must match/, "../ID"],
  ["with a space", 400, /id must match/, " ID"],
  ["with a quote", 400, /id must match/, "' OR '1'='1"],
  ["with a brace", 400, /id must match/, "{ID}"],
  ["that is empty", 400, /id must match/, ""],
  ["that is too long", 400, /id must match/, "a".repeat(257)],
];

describe.each(STORES)("bad input, on $name", ({ open }) => {
  let shared: SharedStore;
  let server: TestServer;
  /** A stream of two chunks that is still active. */
  let id: string;
  let size: number;

  beforeAll(async () => {
    shared = await open();
    server = await startServer(shared.env);
    id = crypto.randomUUID();
    await shared.store.create(id);
    await shared.store.append(id, ["a", "b"]);
  });
  beforeEach(async () => {
    size = await shared.size();
  });
  afterAll(async () => {
    for (const one of [server, shared]) await one?.[Symbol.asyncDispose]();
  });

  async function expectRefused(response: Response, status: number, says: RegExp): Promise<void> {
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const { error } = (await response.json()) as { error: unknown };
    expect(error).toMatch(says);
    expect(await shared.size()).toBe(size);
    expect(await shared.store.getStatus(id)).toEqual({ state: "active", totalChunks: 2 });
  }

  const post = (path: string, body: BodyInit) =>
    fetch(`${server.url}${path}`, { method: "POST", body, duplex: "half" } as RequestInit);

  it("creates something when it is not bad, so that the counts mean something", async () => {
    const response = await post("/stream", JSON.stringify({ prompt }));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("data: made");
    expect(await shared.size()).toBeGreaterThan(size);
  });

  it.each(START)("a start with %s is %i", async (_, status, says, body) => {
    await expectRefused(await post("/stream", body as BodyInit), status, says);
  });

  it("a start with a body over 1 MiB that does not say how long it is is 413", async () => {
    const pieces = Array.from({ length: 17 }, () => new Uint8Array(65_536).fill(0x20));
    const body = new Blob(pieces).stream();
    await expectRefused(await post("/stream", body), 413, /1048576 bytes/);
  });

  it("a stop with a body over 1 MiB is 413", async () => {
    await expectRefused(await post("/stream/stop", " ".repeat(MIB + 1)), 413, /1048576 bytes/);
  });

  it.each(CURSORS)("a resume after %s is %i", async (cursor, status, says) => {
    const url = `${server.url}/stream/resume?id=${id}`;
    const byQuery = await fetch(`${url}&after=${encodeURIComponent(cursor)}`);
    await expectRefused(byQuery, status, says);
    const byHeader = await fetch(`${url}&after=1`, { headers: { "last-event-id": cursor } });
    await expectRefused(byHeader, status, says);
  });

  it.each(IDS)("a resume of an id %s is %i", async (_, status, says, pattern) => {
    const bad = encodeURIComponent(pattern.replace("ID", id));
    const response = await fetch(`${server.url}/stream/resume?id=${bad}`);
    await expectRefused(response, status, says);
  });

  it.each(IDS)("a stop of an id %s is %i", async (_, status, says, pattern) => {
    const body = JSON.stringify({ id: pattern.replace("ID", id) });
    await expectRefused(await post("/stream/stop", body), status, says);
  });

  it.each([
    ["no id", "{}"],
    ["an id of null", '{"id":null}'],
    ["a number as id", '{"id":7}'],
    ["a list as id", '{"id":["a"]}'],
    ["no JSON", "id=a"],
  ])("a stop with %s is 400", async (_, body) => {
    await expectRefused(await post("/stream/stop", body), 400, /id must be a string|JSON/);
  });

  it("a resume without an id is 400", async () => {
    await expectRefused(await fetch(`${server.url}/stream/resume`), 400, /id is missing/);
  });
});
