import { setTimeout as sleep } from "node:timers/promises";
import { ChatHistory } from "@streambed/core/conversation";
import type { RedisScript } from "@streambed/redis-driver";
import { describe, expect, it } from "vitest";
import { RedisConversationStore } from "../src/index.ts";
import { deleteScript, loadScript, saveScript } from "../src/scripts.generated.ts";
import {
  connect,
  isRun,
  openFaultyClient,
  randomPrefix,
  SCRIPT_CLIENTS,
} from "./support-clients.ts";
import type { ClientKind, FaultyClient } from "./support-clients.ts";

const say = (history: ChatHistory, content: string): string =>
  history.append({ role: "user", content });

async function textsOf(store: RedisConversationStore): Promise<string[]> {
  return (await store.load("s")).messages.map(({ content }) => content);
}

async function setUp(kind: ClientKind) {
  const prefix = randomPrefix();
  const faulty = await openFaultyClient(kind);
  const store = new RedisConversationStore(faulty.client, { prefix });
  const other = new RedisConversationStore(connect(), { prefix });
  // Every script is known to the server, so that each attempt is one request.
  await other.save("warm", await other.load("warm"));
  await other.delete("warm");
  await store.load("warm");
  return { store, other, faulty };
}

/** Loses the replies to the next `times` runs of a script; resolves when they are lost. */
function loseReplies(faulty: FaultyClient, script: RedisScript, times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  faulty.losesReplies((command) => {
    const hit = left > 0 && isRun(command, script);
    if (hit && --left === 0) resolve();
    return hit;
  });
  return promise;
}

/** Carries out `call` so that its first save is applied but not answered, and `meanwhile` before the next attempt. */
async function interrupted<T>(
  faulty: FaultyClient,
  kind: ClientKind,
  call: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<T> {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  let isLost = false;
  faulty.losesReplies((command) => {
    if (isLost || !isRun(command, saveScript)) return false;
    isLost = true;
    void faulty.proxy.refuse(true).then(resolve);
    return true;
  });
  const result = call();
  result.catch(() => {});
  await lost;
  // The reply is swallowed when it comes, and the connection with it: then the attempt was applied.
  if (kind !== "Upstash") while (faulty.proxy.connections > 0) await sleep(5);
  await meanwhile();
  await faulty.proxy.refuse(false);
  return result;
}

describe.each(SCRIPT_CLIENTS)("%s", (kind) => {
  it.each([1, 2])("a reply is lost %i times in a row", async (times) => {
    const { store, other, faulty } = await setUp(kind);
    const begun = new ChatHistory();
    say(begun, "new");
    const loaded = await store.load("s");
    say(loaded, "loaded");
    for (const history of [loaded, begun]) {
      for (const text of ["first", "second"]) {
        say(history, text);
        const lost = loseReplies(faulty, saveScript, times);
        await store.save("s", history);
        await lost;
        expect((await other.load("s")).toJSON()).toBe(history.toJSON());
      }
    }
    const lostSave = loseReplies(faulty, saveScript, times);
    const id = await store.update("s", (history) => say(history, "third"));
    await lostSave;
    const lostLoad = loseReplies(faulty, loadScript, times);
    expect((await store.load("s")).activeLeafId).toBe(id);
    await lostLoad;
    expect(await textsOf(other)).toEqual(["new", "first", "second", "third"]);
    const lostDelete = loseReplies(faulty, deleteScript, times);
    await store.delete("s");
    await lostDelete;
    expect(await textsOf(other)).toEqual([]);
  });

  it("save: others go on from it before the next attempt, and it is no conflict", async () => {
    const { store, other, faulty } = await setUp(kind);
    const history = await store.load("s");
    say(history, "mine");
    await interrupted(
      faulty,
      kind,
      () => store.save("s", history),
      () => other.update("s", (theirs) => say(theirs, "theirs")),
    );
    expect(await textsOf(other)).toEqual(["mine", "theirs"]);
    // Nor is it loaded from what the others have made of it.
    say(history, "again");
    await expect(store.save("s", history)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await textsOf(other)).toEqual(["mine", "theirs"]);
  });

  it("update: others go on from it before the next attempt, and it is made once", async () => {
    const { store, other, faulty } = await setUp(kind);
    await other.update("s", (history) => say(history, "hello"));
    let calls = 0;
    await interrupted(
      faulty,
      kind,
      () => store.update("s", (history) => say(history, `mine ${++calls}`)),
      () => other.update("s", (history) => say(history, "theirs")),
    );
    expect(await textsOf(other)).toEqual(["hello", "mine 1", "theirs"]);
  });

  it("save: what adds nothing is no conflict either, while nobody has gone on", async () => {
    const { store, other, faulty } = await setUp(kind);
    await other.update("s", (history) =>
      history.edit(say(history, "a"), { role: "user", content: "b" }),
    );
    const history = await store.load("s");
    history.prevAlternative(history.activeLeafId!);
    const lost = loseReplies(faulty, saveScript, 2);
    await store.save("s", history);
    await lost;
    expect(await textsOf(other)).toEqual(["a"]);
  });

  it("save: in a real conflict it stays one", async () => {
    const { store, other, faulty } = await setUp(kind);
    const history = await store.load("s");
    say(history, "mine");
    await other.update("s", (theirs) => say(theirs, "theirs"));
    const lost = loseReplies(faulty, saveScript, 1);
    await expect(store.save("s", history)).rejects.toMatchObject({ code: "CONFLICT" });
    await lost;
    expect(await textsOf(other)).toEqual(["theirs"]);
  });

  it("one reply in four is lost, while two write: each turn is there once", async () => {
    const { store, other, faulty } = await setUp(kind);
    let count = 0;
    faulty.losesReplies((command) => /^EVALSHA$/i.test(command[0] ?? "") && ++count % 4 === 0);
    const write = async (one: RedisConversationStore, name: string): Promise<void> => {
      for (let turn = 0; turn < 25; turn++) {
        await one.update("s", (history) => say(history, `${name} ${turn}`));
        await sleep(1);
      }
    };
    await Promise.all([write(store, "mine"), write(other, "theirs")]);
    const texts = await textsOf(other);
    expect(new Set(texts).size).toBe(50);
    expect(texts).toHaveLength(50);
  });
});
