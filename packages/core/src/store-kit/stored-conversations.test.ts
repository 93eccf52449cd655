import { describe, expect, it } from "vitest";
import { ChatHistory } from "../conversation/chat-history.ts";
import { judgeWrite } from "./conversation-write.ts";
import type { ConversationWrite } from "./conversation-write.ts";
import { StoredConversations } from "./stored-conversations.ts";
import type { StoredJson } from "./stored-conversations.ts";

/** A storage of one conversation, which can fail and be slow, and keeps a record of what it was asked to write. */
class OneConversation extends StoredConversations {
  stored: string | null = null;
  readonly writes: ConversationWrite[] = [];
  /** How the next writes go wrong: before they are applied, or after, as where a reply is lost. */
  readonly failures: ("before" | "after")[] = [];

  constructor() {
    super({});
  }

  protected override async read(): Promise<StoredJson | null> {
    return this.stored === null ? null : { json: this.stored, revision: this.stored };
  }

  protected override async write(_: string, write: ConversationWrite): Promise<string | null> {
    this.writes.push(write);
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure === "before") throw new Error(failure);
    const judgement = judgeWrite(this.stored, write);
    if (judgement === "make") this.stored = write.json;
    if (failure === "after") throw new Error(failure);
    return judgement === "conflict" ? null : write.json;
  }

  protected override async remove(): Promise<void> {
    this.stored = null;
  }
}

const say = (history: ChatHistory, content: string): string =>
  history.append({ role: "user", content });

describe("judgeWrite", () => {
  const write = (change: Partial<ConversationWrite>): ConversationWrite => ({
    ...{ json: "new", builtOn: "old", brings: "id", ...change },
  });

  it.each<[stored: string | null, write: ConversationWrite, judgement: string]>([
    ["old", write({}), "make"],
    ["new", write({}), "make"],
    [null, write({}), "conflict"],
    ["other", write({}), "conflict"],
    [null, write({ builtOn: null }), "make"],
    ["", write({ builtOn: null }), "conflict"],
    ["other", write({ builtOn: null }), "conflict"],
    ["other", write({ builtOn: undefined }), "make"],
    [null, write({ builtOn: undefined }), "make"],
    ['{"id":…}', write({}), "made"],
    ['{"id":…}', write({ brings: undefined }), "conflict"],
    ['{"id-2":…}', write({}), "conflict"],
    ['{"content":"id"}', write({}), "conflict"],
    ['{"id":…}', write({ builtOn: undefined }), "make"],
  ])("%j, %j: %s", (stored, one, judgement) => expect(judgeWrite(stored, one)).toBe(judgement));
});

it("says what a save builds on, and what it brings", async () => {
  const store = new OneConversation();
  const history = await store.load("s");
  await store.save("s", history);
  const first = say(history, "first");
  const last = say(history, "last");
  await store.save("s", history);
  history.prevAlternative(first);
  await store.save("s", history);
  const copy = ChatHistory.fromJSON(history.toJSON());
  say(copy, "copy");
  await store.save("s", copy);
  const [empty, , said] = store.writes.map(({ json }) => json);
  expect(store.writes.map(({ builtOn, brings }) => [builtOn, brings])).toEqual([
    [null, undefined],
    [empty, last],
    [said, undefined],
    [undefined, undefined],
  ]);
});

it("a save that failed has stored nothing that a later one builds on", async () => {
  const store = new OneConversation();
  const history = await store.load("s");
  say(history, "first");
  store.failures.push("before", "after");
  await expect(store.save("s", history)).rejects.toThrow("before");
  await expect(store.save("s", history)).rejects.toThrow("after");
  // The same again, after a reply that was lost, is no conflict.
  await store.save("s", history);
  say(history, "second");
  await store.save("s", history);
  expect((await store.load("s")).size).toBe(2);
});

it("a save that nobody waits for is waited for by the next, also if it fails", async () => {
  const store = new OneConversation();
  const history = await store.load("s");
  store.failures.push("before");
  say(history, "first");
  const first = store.save("s", history);
  say(history, "second");
  const second = store.save("s", history);
  await expect(first).rejects.toThrow("before");
  await second;
  expect((await store.load("s")).size).toBe(2);
});

it("an update that fails otherwise than by a conflict is not made again", async () => {
  const store = new OneConversation();
  store.failures.push("before");
  let calls = 0;
  await expect(store.update("s", () => calls++)).rejects.toThrow("before");
  expect([calls, store.stored]).toEqual([1, null]);
});
