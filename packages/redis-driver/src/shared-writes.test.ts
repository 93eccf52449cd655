import { expect, test } from "vitest";
import { SharedWrites } from "./shared-writes.ts";

/** A client whose socket notes what happens to it, and whose commands are answered by hand. */
function open() {
  const log: string[] = [];
  const stream = { cork: () => log.push("cork"), uncork: () => log.push("uncork") };
  const replies = new Map<string, PromiseWithResolvers<string>>();
  const send = (name: string) => (): Promise<string> => {
    log.push(name);
    const reply = Promise.withResolvers<string>();
    replies.set(name, reply);
    return reply.promise;
  };
  const answer = (name: string): void => replies.get(name)?.resolve(`re ${name}`);
  return { log, client: { stream }, send, answer, replies };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one after the other, each goes at once", async () => {
  const { log, client, send, answer } = open();
  const writes = new SharedWrites(client);
  for (const name of ["a", "b"]) {
    const reply = writes.run(send(name));
    answer(name);
    expect(await reply).toBe(`re ${name}`);
  }
  expect(log).toEqual(["a", "b"]);
});

test("what comes while another is under way goes together, in order", async () => {
  const { log, client, send, answer } = open();
  const writes = new SharedWrites(client);
  const replies = ["a", "b", "c"].map((name) => writes.run(send(name)));
  expect(log).toEqual(["a"]);
  await turn();
  expect(log).toEqual(["a", "cork", "b", "c", "uncork"]);
  for (const name of ["c", "a", "b"]) answer(name);
  expect(await Promise.all(replies)).toEqual(["re a", "re b", "re c"]);
  void writes.run(send("d"));
  expect(log.at(-1)).toBe("d");
});

test("one that fails, or throws, fails alone", async () => {
  const { client, send, answer, replies, log } = open();
  const writes = new SharedWrites(client);
  const first = writes.run(send("a"));
  const failing = writes.run(send("b"));
  const throwing = writes.run(() => {
    throw new Error("closed");
  });
  const last = writes.run(send("c"));
  failing.catch(() => {});
  throwing.catch(() => {});
  await turn();
  replies.get("b")?.reject(new Error("refused"));
  for (const name of ["a", "c"]) answer(name);
  await expect(failing).rejects.toThrow("refused");
  await expect(throwing).rejects.toThrow("closed");
  expect([await first, await last]).toEqual(["re a", "re c"]);
  expect(log.at(-1)).toBe("uncork");
  void writes.run(send("d"));
  expect(log.at(-1)).toBe("d");
});

test.each([{}, { stream: null }, { stream: {} }])(
  "a client without a socket: %j",
  async (client) => {
    const { send, answer, log } = open();
    const writes = new SharedWrites(client);
    const replies = ["a", "b"].map((name) => writes.run(send(name)));
    await turn();
    expect(log).toEqual(["a", "b"]);
    for (const name of ["a", "b"]) answer(name);
    expect(await Promise.all(replies)).toEqual(["re a", "re b"]);
  },
);
