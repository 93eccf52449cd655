import { describe, expect, it } from "vitest";
import { ChatHistory } from "./chat-history.ts";

const user = (content: string) => ({ role: "user" as const, content });
const assistant = (content: string) => ({ role: "assistant" as const, content });
const textsOf = (history: ChatHistory): string[] => history.messages.map(({ content }) => content);
const code = (expected: string): unknown =>
  expect.objectContaining({ name: "StreamError", code: expected });

/** Two questions, each with an answer. */
function talk() {
  const history = new ChatHistory();
  const ids = [user("q1"), assistant("a1"), user("q2"), assistant("a2")].map((message) =>
    history.append(message),
  );
  return { history, ids: ids as [q1: string, a1: string, q2: string, a2: string] };
}

it("is empty at first", () => {
  const history = new ChatHistory();
  expect(history.messages).toEqual([]);
  expect(history.nodeIds).toEqual([]);
  expect([history.isEmpty, history.size, history.activeLeafId]).toEqual([true, 0, null]);
  expect(history.toJSON()).toBe('{"version":1,"nodes":{},"rootIds":[],"activeLeafId":null}');
});

describe("append", () => {
  it("adds behind the active leaf", () => {
    const { history, ids } = talk();
    expect(textsOf(history)).toEqual(["q1", "a1", "q2", "a2"]);
    expect(history.nodeIds).toEqual(ids);
    expect([history.isEmpty, history.size, history.activeLeafId]).toEqual([false, 4, ids[3]]);
    expect(history.get(ids[1])).toMatchObject({ parentId: ids[0], children: [ids[2]] });
  });

  it("gives ids that nobody can guess, and times", () => {
    const { history, ids } = talk();
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      const { createdAt } = history.get(id)!;
      expect(new Date(createdAt).toISOString()).toBe(createdAt);
      expect(Math.abs(Date.now() - Date.parse(createdAt))).toBeLessThan(10_000);
    }
  });

  it("behind a parent that is the active leaf goes on from there", () => {
    const history = new ChatHistory();
    const question = history.append(user("q"), { parentId: null });
    history.append(assistant("a"), { parentId: question });
    expect(textsOf(history)).toEqual(["q", "a"]);
  });

  it("behind another parent leaves the path where it is", () => {
    const { history, ids } = talk();
    const late = history.append(assistant("late"), { parentId: ids[0] });
    expect(textsOf(history)).toEqual(["q1", "a1", "q2", "a2"]);
    expect(history.get(ids[0])?.children).toEqual([ids[1], late]);
    const root = history.append(user("elsewhere"), { parentId: null });
    expect(history.get(root)?.parentId).toBeNull();
    expect(history.nodeIds).toEqual(ids);
  });

  it("keeps metadata beside the message", () => {
    const history = new ChatHistory();
    const metadata = { model: "m", usage: { tokens: 1 } };
    const id = history.append(user("q"), { metadata });
    metadata.usage.tokens = 2;
    expect(history.get(id)?.metadata).toEqual({ model: "m", usage: { tokens: 1 } });
    expect(history.get(history.append(user("q")))?.metadata).toEqual({});
  });

  it("copies what JSON keeps, and freezes it", () => {
    const history = new ChatHistory<{ role: string; content?: unknown }>();
    const at = new Date(0);
    const message = { role: "user", content: { at, no: undefined, nan: NaN, list: [1, , 2] } };
    history.append(message);
    message.content.list.push(3);
    const [kept] = history.messages;
    expect(kept).toEqual({
      role: "user",
      content: { at: "1970-01-01T00:00:00.000Z", nan: null, list: [1, null, 2] },
    });
    expect(() => Object.assign(kept as object, { role: "system" })).toThrow(TypeError);
  });

  const circular: { role: string; self?: unknown } = { role: "user" };
  circular.self = circular;
  let deep: unknown[] = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];

  it.each<[what: string, message: unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", "hello"],
    ["an array", [user("q")]],
    ["a function", () => {}],
    ["no role", { content: "hello" }],
    ["a role that is no string", { role: 5, content: "hello" }],
    ["a cycle", circular],
    ["a bigint", { role: "user", content: 5n }],
    ["too deep", { role: "user", content: deep }],
    ["what throws", { role: "user", toJSON: () => expect.fail("why") }],
    ["what makes a string of itself", { role: "user", toJSON: () => "hello" }],
  ])("refuses %s, and adds nothing", (_, message) => {
    const { history, ids } = talk();
    const before = history.toJSON();
    const add = [
      () => history.append(message as never),
      () => history.edit(ids[0], message as never),
      () => history.regenerate(ids[1], message as never),
      () => history.compact(message as never),
    ];
    for (const call of add) expect(call).toThrow(code("INVALID_MESSAGE"));
    expect(history.toJSON()).toBe(before);
  });

  it("refuses metadata that is no object", () => {
    const { history } = talk();
    for (const metadata of [null, 5, "x", [], { n: 5n }] as never[]) {
      expect(() => history.append(user("q"), { metadata })).toThrow(code("INVALID_MESSAGE"));
    }
    expect(history.size).toBe(4);
  });
});

it("an id that is not there is NOT_FOUND, and changes nothing", () => {
  const { history } = talk();
  const before = history.toJSON();
  for (const id of [
    "x",
    "",
    "__proto__",
    "constructor",
    "toString",
    undefined,
    null,
    5,
  ] as never[]) {
    if (id !== null) expect(history.get(id), String(id)).toBeUndefined();
    const calls = [
      () => history.edit(id, user("x")),
      () => history.regenerate(id, user("x")),
      () => history.hasAlternatives(id),
      () => history.alternativeCount(id),
      () => history.alternativeIndex(id),
      () => history.nextAlternative(id),
      () => history.prevAlternative(id),
    ];
    for (const call of calls) expect(call, String(id)).toThrow(/does not exist/);
    if (id === null || id === undefined) continue;
    expect(() => history.append(user("x"), { parentId: id })).toThrow(code("NOT_FOUND"));
  }
  expect(history.toJSON()).toBe(before);
});

describe("branches", () => {
  it("edit adds a message beside, and goes there", () => {
    const { history, ids } = talk();
    const edited = history.edit(ids[2], user("q2b"));
    expect(textsOf(history)).toEqual(["q1", "a1", "q2b"]);
    expect(history.get(ids[1])?.children).toEqual([ids[2], edited]);
    expect(history.size).toBe(5);
    const root = history.edit(ids[0], user("q1b"));
    expect(textsOf(history)).toEqual(["q1b"]);
    expect(history.alternativeIndex(root)).toBe(1);
  });

  it("regenerate adds another answer, and goes there", () => {
    const { history, ids } = talk();
    history.regenerate(ids[1], assistant("a1b"));
    history.append(user("q2b"));
    expect(textsOf(history)).toEqual(["q1", "a1b", "q2b"]);
  });

  it("alternatives are counted, and found from any of them", () => {
    const { history, ids } = talk();
    expect([history.hasAlternatives(ids[3]), history.alternativeCount(ids[3])]).toEqual([false, 1]);
    const all = [ids[3], history.regenerate(ids[3], assistant("b")), ids[3]];
    all[2] = history.regenerate(all[1] ?? "", assistant("c"));
    for (const [index, id] of all.entries()) {
      expect(history.hasAlternatives(id)).toBe(true);
      expect(history.alternativeCount(id)).toBe(3);
      expect(history.alternativeIndex(id)).toBe(index);
    }
  });

  it("one goes from one to the next, and no further than the last", () => {
    const { history, ids } = talk();
    const second = history.regenerate(ids[1], assistant("a1b"));
    const steps: [call: "nextAlternative" | "prevAlternative", texts: string[]][] = [
      ["nextAlternative", ["q1", "a1b"]],
      // Down the first children to a leaf.
      ["prevAlternative", ["q1", "a1", "q2", "a2"]],
      ["prevAlternative", ["q1", "a1", "q2", "a2"]],
      ["nextAlternative", ["q1", "a1b"]],
    ];
    for (const [call, texts] of steps) {
      history[call](history.nodeIds[1] ?? "");
      expect(textsOf(history)).toEqual(texts);
    }
    // From an id that is not on the path, too.
    history.edit(ids[3], assistant("a2b"));
    history.nextAlternative(ids[1]);
    expect(history.activeLeafId).toBe(second);
    history.prevAlternative(second);
    expect(textsOf(history)).toEqual(["q1", "a1", "q2", "a2"]);
  });

  it("roots are alternatives as well", () => {
    const { history, ids } = talk();
    history.edit(ids[0], user("q1b"));
    history.prevAlternative(history.nodeIds[0] ?? "");
    expect(textsOf(history)).toEqual(["q1", "a1", "q2", "a2"]);
  });
});

it("compact leaves one message", () => {
  const { history, ids } = talk();
  history.edit(ids[2], user("q2b"));
  const id = history.compact({ role: "system", content: "in short" });
  expect(history.messages).toEqual([{ role: "system", content: "in short" }]);
  expect([history.size, history.nodeIds]).toEqual([1, [id]]);
  const { metadata, parentId, children } = history.get(id)!;
  expect(metadata).toEqual({ compacted: true, compactedAt: expect.any(String) });
  expect(new Date(metadata.compactedAt as string).toISOString()).toBe(metadata.compactedAt);
  expect([parentId, children]).toEqual([null, []]);
  expect(history.get(ids[0])).toBeUndefined();
  history.append(user("go on"));
  expect(textsOf(history)).toEqual(["in short", "go on"]);
});

it("what it hands out cannot be used to change it", () => {
  const { history } = talk();
  history.messages.pop();
  history.nodeIds.length = 0;
  expect(history.messages).toHaveLength(4);
  expect(history.nodeIds).toHaveLength(4);
});

it("100,000 messages deep is no deeper than any other", () => {
  const history = new ChatHistory();
  for (let i = 0; i < 100_000; i++) history.append(user(""));
  const read = ChatHistory.fromJSON(history.toJSON());
  expect(read.messages.length).toBe(100_000);
  const root = read.edit(read.nodeIds[0] ?? "", user("again"));
  read.prevAlternative(root);
  expect(read.nodeIds.length).toBe(100_000);
});
