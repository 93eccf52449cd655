import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatHistory } from "./chat-history.ts";

const node = (id: string, parentId: string | null, children: string[] = [], extra = {}) => ({
  ...{ id, message: { role: "user", content: id }, parentId, children, metadata: {} },
  ...{ createdAt: "2026-01-02T03:04:05.678Z", ...extra },
});
const tree = (nodes: object, rootIds: unknown, extra = {}): string =>
  JSON.stringify({ version: 1, nodes, rootIds, activeLeafId: null, ...extra });
const one = (extra: object): string => tree({ a: node("a", null, [], extra) }, ["a"]);

describe("refuses", () => {
  it.each<[what: string, json: unknown, why: RegExp]>([
    ["undefined", undefined, /no text/],
    ["an object", {}, /no text/],
    ["nothing", "", /no JSON/],
    ["what is cut off", tree({}, []).slice(0, -1), /no JSON/],
    ["a list", "[]", /no object/],
    ["null", "null", /no object/],
    ["no version", "{}", /version is undefined, not 1/],
    ["a later version", tree({}, [], { version: 2 }), /version is 2, not 1/],
    ["a version that looks right", tree({}, [], { version: "1" }), /version/],
    ["a list of nodes", tree([], []), /nodes is no object/],
    ["a node that is none", tree({ a: null }, ["a"]), /node a is no object/],
    ["another id", tree({ a: node("b", null) }, ["a"]), /node a id is b/],
    ["no message", one({ message: undefined }), /message has no role/],
    ["a message that is a text", one({ message: "x" }), /message has no role/],
    ["a role that is none", one({ message: { role: null } }), /message has no role/],
    ["no parent", one({ parentId: undefined }), /parentId/],
    ["a parent that is no id", one({ parentId: 5 }), /parentId/],
    ["no children", one({ children: undefined }), /children/],
    ["children that are no ids", one({ children: [null] }), /children/],
    ["children by name", one({ children: { length: 0 } }), /children/],
    ["no metadata", one({ metadata: undefined }), /metadata/],
    ["a list of metadata", one({ metadata: [] }), /metadata/],
    ["no time", one({ createdAt: undefined }), /createdAt/],
    ["a number for a time", one({ createdAt: 5 }), /createdAt/],
    ["no roots", tree({}, undefined), /rootIds/],
    ["roots that are no ids", tree({}, [5]), /rootIds/],
    ["no active leaf", tree({}, [], { activeLeafId: undefined }), /activeLeafId/],
    ["an active leaf that is no id", tree({}, [], { activeLeafId: 5 }), /activeLeafId/],
    ["an active leaf that is missing", tree({}, [], { activeLeafId: "a" }), /a does not exist/],
    ["an active leaf of every object", tree({}, [], { activeLeafId: "toString" }), /not exist/],
    ["a missing root", tree({}, ["a"]), /a root, a, is missing/],
    ["a missing root of every object", tree({}, ["__proto__"]), /is missing/],
    ["a root twice", tree({ a: node("a", null) }, ["a", "a"]), /a is a root twice/],
    [
      "a root with a parent",
      tree({ a: node("a", null, []), b: node("b", "a") }, ["a", "b"]),
      /b is a root, and its parent is a/,
    ],
    [
      "a root that is not listed",
      tree({ a: node("a", null) }, []),
      /of a, null, does not lead to it/,
    ],
    ["a missing child", tree({ a: node("a", null, ["b"]) }, ["a"]), /a child of a, b, is missing/],
    ["a child twice", tree({ a: node("a", null, ["b", "b"]), b: node("b", "a") }, ["a"]), /twice/],
    [
      "a child of another",
      tree({ a: node("a", null, ["b"]), b: node("b", "c"), c: node("c", null) }, ["a", "c"]),
      /b is a child of a, and its parent is c/,
    ],
    [
      "a child that is not listed",
      tree({ a: node("a", null), b: node("b", "a") }, ["a"]),
      /of b, a, does not lead/,
    ],
    ["a missing parent", tree({ a: node("a", "b") }, []), /parent of a, b, is missing/],
    ["its own parent", tree({ a: node("a", "a", ["a"]) }, []), /cycle/],
    [
      "its own parent and a root",
      tree({ a: node("a", "a", ["a"]) }, ["a"]),
      /a root, and its parent/,
    ],
    ["a cycle", tree({ a: node("a", "b", ["b"]), b: node("b", "a", ["a"]) }, []), /cycle/],
    [
      "a cycle below a root",
      tree({ r: node("r", null, ["a"]), a: node("a", "r", ["b"]), b: node("b", "a", ["a"]) }, [
        "r",
      ]),
      /a is a child of b, and its parent is r/,
    ],
  ])("%s", (_, json, why) => {
    expect(() => ChatHistory.fromJSON(json as string)).toThrow(
      expect.objectContaining({
        name: "StreamError",
        code: "UNSUPPORTED",
        message: expect.stringMatching(why),
      }),
    );
  });

  it("__proto__ as an id, and pollutes nothing", () => {
    const polluted = `{"version":1,"nodes":{"__proto__":${JSON.stringify(node("__proto__", null))}},"rootIds":["__proto__"],"activeLeafId":"__proto__"}`;
    expect(() => ChatHistory.fromJSON(polluted)).toThrow(/__proto__ is no id/);
    const hidden = `{"version":1,"__proto__":{"nodes":{},"rootIds":[],"activeLeafId":null}}`;
    expect(() => ChatHistory.fromJSON(hidden)).toThrow(/nodes is no object/);
    expect({}).not.toHaveProperty("message");
  });

  it("and does not repeat what is long", () => {
    const long = "x".repeat(100_000);
    const broken = [tree({ [long]: node(long, long) }, []), tree({}, [], { version: long })];
    for (const json of broken) {
      expect(() => ChatHistory.fromJSON(json)).toThrow(/^.{1,300}$/);
    }
  });
});

describe("reads", () => {
  it("ids of any other kind, also those of every object", () => {
    const ids = ["constructor", "toString", "hasOwnProperty", "0", "", " ", "\u0000", "\ud83d"];
    const nodes = Object.fromEntries(
      ids.map((id, i) => [id, node(id, ids[i - 1] ?? null, ids.slice(i + 1, i + 2))]),
    );
    const json = tree(nodes, [ids[0]], { activeLeafId: ids.at(-1) });
    const history = ChatHistory.fromJSON(json);
    expect(history.nodeIds).toEqual(ids);
    expect(JSON.parse(history.toJSON())).toEqual(JSON.parse(json));
  });

  it("nothing active, and an active message that is no leaf", () => {
    const nodes = { a: node("a", null, ["b"]), b: node("b", "a") };
    const idle = ChatHistory.fromJSON(tree(nodes, ["a"]));
    expect([idle.messages, idle.size]).toEqual([[], 2]);
    const half = ChatHistory.fromJSON(tree(nodes, ["a"], { activeLeafId: "a" }));
    expect(half.nodeIds).toEqual(["a"]);
    const id = half.append({ role: "user", content: "beside b" });
    expect(half.get("a")?.children).toEqual(["b", id]);
  });

  it("fields that it does not know, and hands them on", () => {
    const extra = { message: { role: "tool", parts: [{}], __proto__x: 1 }, later: [1] };
    const json = one(extra);
    expect(ChatHistory.fromJSON(json).toJSON()).toBe(json);
  });

  it("whatever it wrote, byte by byte", () => {
    const say = fc.record({ content: fc.jsonValue(), at: fc.nat(), how: fc.nat(4) });
    const property = fc.property(fc.array(say, { maxLength: 20 }), (sayings) => {
      const history = new ChatHistory<{ role: string; content: unknown }>();
      for (const { content, at, how } of sayings) {
        const message = { role: "user", content };
        const ids = Object.keys((JSON.parse(history.toJSON()) as { nodes: object }).nodes);
        const id = ids[at % ids.length];
        if (id === undefined || how === 0) history.append(message);
        else if (how === 1) history.append(message, { parentId: id });
        else if (how === 2) history.edit(id, message);
        else if (how === 3) history.nextAlternative(id);
        else history.prevAlternative(id);
      }
      const read = ChatHistory.fromJSON<{ role: string; content: unknown }>(history.toJSON());
      expect(read.toJSON()).toBe(history.toJSON());
      expect(read.messages).toEqual(history.messages);
    });
    fc.assert(property, { numRuns: 200 });
  });
});

it("JSON that nests deep is read, and refused when it cannot be written", () => {
  const depth = 200_000;
  const json = one({ message: { role: "user", content: 0 } }).replace(
    '"content":0',
    `"content":${"[".repeat(depth)}${"]".repeat(depth)}`,
  );
  const history = ChatHistory.fromJSON(json);
  expect(() => history.toJSON()).toThrow(
    expect.objectContaining({ code: "INVALID_MESSAGE", cause: expect.any(RangeError) }),
  );
});
