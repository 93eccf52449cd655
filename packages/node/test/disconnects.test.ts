import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { idOf, startAnswers } from "./support/answers.ts";
import { ask, fetchText, json, send } from "./support/exchange.ts";
import { FRAMEWORKS } from "./support/frameworks.ts";
import { handlerOf, openBody } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

const STREAM = "/__streambed__/stream";
expectSilence();

describe.each(FRAMEWORKS)("$name", ({ start }) => {
  test("who leaves in mid-answer leaves nothing behind, and the answer goes on to its end", async () => {
    const { handler, store, say, aborted, heartbeats } = startAnswers();
    const server = await start(handler);
    const first = await ask(server, STREAM, json({ prompt: "?" }));
    say("before");
    await first.until("data: before");
    const id = idOf(first.text());
    const resume = `${STREAM}/resume?id=${id}`;
    const others = await Promise.all(Array.from({ length: 20 }, () => ask(server, resume)));
    await Promise.all(others.map((reader) => reader.until("data: before")));
    // With the producer's, who looks for a stop.
    expect(store.readers).toBe(22);
    const producers = heartbeats() - 21;

    for (const reader of [first, ...others]) reader.disconnect();
    await expect.poll(() => store.readers).toBe(1);
    expect(heartbeats()).toBe(producers);
    await expect.poll(() => server.sockets.size).toBe(0);

    expect(aborted()).toBe(false);
    say("meanwhile");
    await expect.poll(async () => (await store.getStatus(id))?.totalChunks).toBe(2);
    say(null);
    await expect.poll(async () => (await store.getStatus(id))?.state).toBe("done");
    await expect.poll(() => [store.readers, heartbeats()]).toEqual([0, 0]);

    const { text } = await fetchText(server, `${resume}&after=1`);
    expect(text).toContain("data: meanwhile");
    expect(text).toContain("event: done");
  });

  test("the body is cancelled while it is silent, and the request's signal aborts", async () => {
    const { body, cancelled } = openBody();
    let signal: AbortSignal | undefined;
    const handler = handlerOf((request) => {
      signal = request.signal;
      return new Response(body);
    });
    const answer = await ask(await start(handler), "/s");
    expect([cancelled(), signal?.aborted]).toEqual([false, false]);
    answer.disconnect();
    await expect.poll(() => [cancelled(), signal?.aborted]).toEqual([true, true]);
  });

  test("whoever has left before there was an answer does not get one", async () => {
    const { body, cancelled } = openBody();
    const { promise: answer, resolve } = Promise.withResolvers<Response>();
    let signal: AbortSignal | undefined;
    const handler = handlerOf((request) => {
      signal = request.signal;
      return answer;
    });
    const sent = send(await start(handler), "/s");
    await expect.poll(() => signal).toBeDefined();
    sent.disconnect();
    await expect.poll(() => signal?.aborted).toBe(true);
    resolve(new Response(body));
    await expect.poll(cancelled).toBe(true);
  });

  test("a body that is cut off is an error to its reader, and its answer nobody's", async () => {
    const { body: answer, cancelled } = openBody();
    let seen = "";
    let cut: unknown;
    const handler = handlerOf(async (request) => {
      try {
        for await (const piece of request.body ?? []) seen += new TextDecoder().decode(piece);
      } catch (error) {
        cut = error;
      }
      return new Response(answer);
    });
    const sent = send(await start(handler), "/s", { method: "POST", body: "half a ", open: true });
    await expect.poll(() => seen).toBe("half a ");
    sent.disconnect();
    await expect.poll(() => cut).toBeInstanceOf(Error);
    await expect.poll(cancelled).toBe(true);
  });

  test("the signal of a request that has been answered does not abort", async () => {
    const signals: AbortSignal[] = [];
    const handler = handlerOf(({ signal }) => {
      signals.push(signal);
      return new Response("whole");
    });
    const server = await start(handler);
    expect(await fetchText(server, "/s")).toMatchObject({ text: "whole" });
    await fetchText(server, "/s", { method: "POST", body: "not read" });
    for (const socket of server.sockets) socket.destroy();
    await expect.poll(() => server.sockets.size).toBe(0);
    await sleep(20);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test("a server that closes waits for its answers, and may cut them off", async () => {
    const { handler, store, say } = startAnswers();
    const server = await start(handler);
    const [one, two] = await Promise.all(
      [1, 2].map(() => ask(server, STREAM, json({ prompt: "?" }))),
    );
    if (one === undefined || two === undefined) throw new Error("no answers");
    await Promise.all([one, two].map((answer) => answer.until("event: stream-id")));
    let closed = false;
    server.server.close(() => (closed = true));
    await sleep(50);
    expect(closed).toBe(false);
    say("one");
    say("two");
    const seen = (): string => one.text() + two.text();
    await expect
      .poll(() => [seen().includes("data: one"), seen().includes("data: two")])
      .toEqual([true, true]);

    for (const socket of server.sockets) socket.destroy();
    await expect.poll(() => closed).toBe(true);
    // The producers' own.
    await expect.poll(() => store.readers).toBe(2);
    expect((await store.getStatus(idOf(one.text())))?.state).toBe("active");
  });
});
