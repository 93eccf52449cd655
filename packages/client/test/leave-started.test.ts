import { describe, expect, test, vi } from "vitest";
import { startStream, stopStream } from "../src/index.ts";
import { DONE, event, EVENT_STREAM, head, openStream, respond, stream } from "./support/answers.ts";
import type { Script } from "./support/raw-server.ts";
import { readAll, watchedPlace } from "./support/watched-place.ts";

vi.setConfig({ testTimeout: 8_000 });

const A = event(1, "a");
const silent: Script = () => {};
const failing = respond("500 Oops");
const NAMED = `${EVENT_STREAM}\r\nx-stream-id: s`;
const begun: Script = (socket) => void socket.write(head("200 OK", NAMED) + A);

describe("an answer that is begun", () => {
  test.each([
    ["before it is asked for", silent, 0],
    ["while it is asked for", silent, 1],
  ] as const)("aborted %s", async (_, script, requests) => {
    const { server, reason, leave, options, expectNothingLeft } = await watchedPlace(script);
    if (requests === 0) leave();
    const starting = startStream({ ...options, body: {} });
    starting.catch(() => {});
    await expect.poll(() => server.requests.length).toBe(requests);
    leave();
    await expect(starting).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test.each(["by the signal", "by return()", "by throw()"])("left unread %s", async (how) => {
    const { server, reason, leave, options, expectNothingLeft } = await watchedPlace(begun);
    const started = await startStream({ ...options, body: {} });
    expect(server.sockets.size).toBe(1);
    if (how === "by the signal") leave();
    else if (how === "by return()") await started.return({ state: "done" });
    else await expect(started.throw(reason)).rejects.toBe(reason);
    await expectNothingLeft();
    if (how === "by the signal") await expect(started.next()).rejects.toBe(reason);
    else expect((await started.next()).done).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test.each(["by the signal", "by the loop"])("left in the middle %s", async (how) => {
    const { reason, leave, options, expectNothingLeft } = await watchedPlace(begun);
    const reading = (async () => {
      for await (const _ of await startStream({ ...options, body: {} })) {
        if (how === "by the loop") break;
        leave();
      }
    })();
    if (how === "by the loop") await reading;
    else await expect(reading).rejects.toBe(reason);
    await expectNothingLeft();
  });

  test("read to its end, over one connection or two", async () => {
    const { server, options, expectNothingLeft } = await watchedPlace(
      (socket) => void socket.write(head("200 OK", NAMED) + A + DONE),
      begun,
      stream(event(2, "b"), DONE),
    );
    const named = { ...options, silenceMs: 100, retryDelayMs: () => 0 };
    await readAll(await startStream({ ...named, body: {} }));
    await expectNothingLeft();
    await readAll(await startStream({ ...named, body: {} }));
    await expectNothingLeft();
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    ["refused", respond("400 No"), "REFUSED"],
    ["without a name", openStream(A), "PROTOCOL"],
    ["cut", (socket) => void socket.end(), "UNAVAILABLE"],
  ] as [string, Script, string][])("%s", async (_, script, code) => {
    const { server, options, expectNothingLeft } = await watchedPlace(script);
    await expect(startStream({ ...options, body: {} })).rejects.toMatchObject({ code });
    await expectNothingLeft();
    expect(server.requests).toHaveLength(1);
  });
});

test.each([
  ["while it is asked for", silent],
  ["in a pause", failing],
])("a stop that is aborted %s", async (_, script) => {
  const { server, timers, reason, leave, options, expectNothingLeft } = await watchedPlace(script);
  const stopping = stopStream({ ...options, id: "s" });
  stopping.catch(() => {});
  await expect.poll(() => server.requests.length).toBe(1);
  if (script === failing) await expect.poll(timers).toEqual([60_000]);
  leave();
  await expect(stopping).rejects.toBe(reason);
  await expectNothingLeft();
});
