import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { readStream } from "../src/index.ts";
import type { Script } from "./support/raw-server.ts";
import { cursorsAt, DONE, event, EVENT_STREAM, head } from "./support/answers.ts";
import { openStream, outcomeOf, respond, stream } from "./support/answers.ts";
import { MAKE_ROOM } from "../src/reading/connection.ts";
import { openPage } from "./support/page.ts";
import { watchTimers } from "./support/timers.ts";
import { rawServer } from "./support/raw-server.ts";

vi.setConfig({ testTimeout: 8_000 });
afterEach(() => void vi.useRealTimers());

const A_EVENT = event(1, "a");
const A = openStream(A_EVENT);
const REST = stream(event(2, "b") + event(3, "c"), DONE);
const WHOLE = { text: "abc", seqs: [1, 2, 3], end: "done" };
const failing = respond("500 Oops");
const silent: Script = () => {};

/** A reader in a page, that would wait for a minute before it tries again. */
async function open(...scripts: Script[]) {
  const page = openPage();
  const server = await rawServer(...scripts);
  const phases: string[] = [];
  const reader = readStream({
    url: server.url,
    retryDelayMs: () => 60_000,
    onState: ({ phase }) => void phases.push(phase),
  });
  return { page, server, phases, reader };
}

/** Time for a request that is not to come. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

describe.each(["online", "pageshow", "visibilitychange", MAKE_ROOM])("%s", (type) => {
  test("ends a pause", async () => {
    const { page, server, phases, reader } = await open(failing, stream(event(1, "a"), DONE));
    const outcome = outcomeOf(reader);
    await expect.poll(() => phases.at(-1)).toBe("reconnecting");
    await aMoment();
    expect(server.requests).toHaveLength(1);
    page.dispatch(type);
    expect(await outcome).toMatchObject({ text: "a", end: "done" });
    expect(phases).toEqual(["connecting", "reconnecting", "streaming", "ended"]);
  });
});

describe.each(["online", MAKE_ROOM])("%s", (type) => {
  test("replaces a connection, and reads on behind the cursor", async () => {
    const { page, server, phases, reader } = await open(A, REST);
    expect((await reader.next()).value).toMatchObject({ seq: 1 });
    const rest = outcomeOf(reader);
    await aMoment();
    page.dispatch(type);
    expect(await rest).toMatchObject({ text: "bc", seqs: [2, 3], end: "done" });
    expect(cursorsAt(server)).toEqual(["", "1"]);
    expect(phases).toEqual(["connecting", "streaming", "reconnecting", "streaming", "ended"]);
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test("replaces a connection that has not answered", async () => {
    const { page, server, reader } = await open(silent, stream(event(1, "a"), DONE));
    const outcome = outcomeOf(reader);
    await expect.poll(() => server.requests.length).toBe(1);
    page.dispatch(type);
    expect(await outcome).toMatchObject({ text: "a", end: "done" });
  });

  test("replaces a connection while an event is held, again and again", async () => {
    const more = openStream(event(2, "b"));
    const { page, server, reader } = await open(A, more, stream(event(3, "c"), DONE));
    for (const seq of [1, 2, 3]) {
      expect((await reader.next()).value).toMatchObject({ seq });
      page.dispatch(type);
      page.dispatch(type);
    }
    expect(await reader.next()).toEqual({ done: true, value: { state: "done" } });
    expect(cursorsAt(server)).toEqual(["", "1", "2"]);
  });

  test("is no failure, however often", async () => {
    const page = openPage();
    const server = await rawServer(A, A, A, A, REST);
    const reader = readStream({ url: server.url, retryDelayMs: () => 60_000, maxRetries: 1 });
    const outcome = outcomeOf(reader);
    for (let requests = 1; requests <= 4; requests++) {
      await expect.poll(() => server.requests.length).toBe(requests);
      await aMoment();
      page.dispatch(type);
    }
    expect(await outcome).toMatchObject(WHOLE);
  });
});

test("without a network it does not give up, and tries now and then", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  onTestFinished(() => void vi.unstubAllGlobals());
  const page = openPage();
  const timers = watchTimers();
  const server = await rawServer(
    failing,
    failing,
    failing,
    failing,
    failing,
    stream(A_EVENT, DONE),
  );
  const options = { url: server.url, retryDelayMs: () => 0, maxRetries: 2 };
  const outcome = outcomeOf(readStream(options));
  for (let requests = 1; requests <= 3; requests++) {
    await expect.poll(timers).toEqual([10_000]);
    expect(server.requests).toHaveLength(requests);
    page.dispatch("visibilitychange");
  }
  await expect.poll(timers).toEqual([10_000]);
  vi.stubGlobal("navigator", { onLine: true });
  page.dispatch("online");
  // All attempts are there again for a network that is not quite back.
  expect(await outcome).toMatchObject({ text: "a", end: "done" });
  expect(server.requests).toHaveLength(6);
});

test("pageshow does nothing to a connection", async () => {
  let go = (): void => {};
  const { page, server, reader } = await open((socket) => {
    socket.write(head("200 OK", EVENT_STREAM) + event(1, "a"));
    go = () => void socket.end(event(2, "b") + event(3, "c") + DONE);
  });
  const outcome = outcomeOf(reader);
  await expect.poll(() => server.requests.length).toBe(1);
  await aMoment();
  page.dispatch("pageshow");
  await aMoment();
  go();
  expect(await outcome).toMatchObject(WHOLE);
  expect(server.requests).toHaveLength(1);
});

test("pagehide closes the connection, and pageshow opens the next one", async () => {
  const { page, server, phases, reader } = await open(A, REST);
  await reader.next();
  const rest = outcomeOf(reader);
  expect(server.sockets.size).toBe(1);
  page.dispatch("pagehide");
  await expect.poll(() => server.sockets.size).toBe(0);
  await aMoment();
  expect(server.requests).toHaveLength(1);
  expect(phases.at(-1)).toBe("reconnecting");
  page.dispatch("pageshow");
  expect(await rest).toMatchObject({ text: "bc", end: "done" });
  expect(cursorsAt(server)).toEqual(["", "1"]);
});

test("pagehide closes a connection although nobody asks for more", async () => {
  const { page, server, reader } = await open(A, REST);
  await reader.next();
  page.dispatch("pagehide");
  await expect.poll(() => server.sockets.size).toBe(0);
  const rest = outcomeOf(reader);
  await aMoment();
  page.dispatch("pageshow");
  expect(await rest).toMatchObject({ text: "bc", end: "done" });
});

test("pagehide does not end a pause", async () => {
  const { page, server, phases, reader } = await open(failing);
  const pending = reader.next().catch(() => {});
  await expect.poll(() => phases.at(-1)).toBe("reconnecting");
  page.dispatch("pagehide");
  await aMoment();
  expect(server.requests).toHaveLength(1);
  await reader.return({ state: "done" });
  await pending;
});

describe("visibilitychange", () => {
  test("to visible ends a pause, to hidden does not", async () => {
    const { page, server, phases, reader } = await open(failing, stream(event(1, "a"), DONE));
    const outcome = outcomeOf(reader);
    await expect.poll(() => phases.at(-1)).toBe("reconnecting");
    page.document.hidden = true;
    page.dispatch("visibilitychange");
    await aMoment();
    expect(server.requests).toHaveLength(1);
    page.document.hidden = false;
    page.dispatch("visibilitychange");
    expect(await outcome).toMatchObject({ text: "a", end: "done" });
  });

  test.each([
    ["replaces a connection that was silent for 21 s", 21_000, false, 2],
    ["leaves one alone that was silent for 19 s", 19_000, false, 1],
    ["to hidden leaves one alone that was silent for an hour", 3_600_000, true, 1],
  ])("%s", async (_, ms, hidden, requests) => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000_000_000 });
    const { page, server, reader } = await open(A, REST);
    await reader.next();
    const rest = outcomeOf(reader);
    await aMoment();
    vi.setSystemTime(1_000_000_000_000 + ms);
    page.document.hidden = hidden;
    page.dispatch("visibilitychange");
    await aMoment();
    expect(server.requests).toHaveLength(requests);
    if (requests === 2) expect(await rest).toMatchObject({ text: "bc", end: "done" });
    else await reader.return({ state: "done" });
    await rest;
  });

  test("counts from the last comment", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000_000_000 });
    let heartbeat = (): void => {};
    const { page, server, reader } = await open((socket) => {
      socket.write(head("200 OK", EVENT_STREAM) + event(1, "a"));
      heartbeat = () => void socket.write(": heartbeat\n\n");
    });
    await reader.next();
    const rest = outcomeOf(reader);
    await aMoment();
    vi.setSystemTime(1_000_000_000_000 + 15_000);
    heartbeat();
    await aMoment();
    vi.setSystemTime(1_000_000_000_000 + 30_000);
    page.dispatch("visibilitychange");
    await aMoment();
    expect(server.requests).toHaveLength(1);
    await reader.return({ state: "done" });
    await rest;
  });
});
