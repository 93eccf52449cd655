import { expect } from "vitest";
import { expectRefused } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

const node = (
  id: string,
  parentId: string | null,
  children: string[],
  extra: object = {},
): object => ({
  ...{
    id,
    message: { role: "user", content: id },
    parentId,
    children,
    metadata: {},
    createdAt: "",
  },
  ...extra,
});
const tree = (nodes: object, rootIds: unknown, extra: object = {}): string =>
  JSON.stringify({ version: 1, nodes, rootIds, activeLeafId: null, ...extra });

/** What is no history. */
const FOREIGN: Readonly<Record<string, string>> = {
  nothing: "",
  "no JSON": "garbage",
  "half of it": talk("hello").toJSON().slice(0, -9),
  "a byte order mark": `\uFEFF${talk("hello").toJSON()}`,
  null: "null",
  "a number": "5",
  "an array": "[]",
  "an object": "{}",
  "a string of it": JSON.stringify(talk("hello").toJSON()),
  "a later version": tree({}, [], { version: 2 }),
  "no roots": tree({}, undefined),
  "a root that is missing": tree({}, ["a"]),
  "an active leaf that is missing": tree({}, [], { activeLeafId: "a" }),
  "a parent that is missing": tree({ a: node("a", "b", []) }, []),
  "a child that is missing": tree({ a: node("a", null, ["b"]) }, ["a"]),
  "a child of another": tree({ a: node("a", null, ["b"]), b: node("b", null, []) }, ["a", "b"]),
  "a root with a parent": tree({ a: node("a", null, []), b: node("b", "a", []) }, ["a", "b"]),
  "a cycle": tree({ a: node("a", "b", ["b"]), b: node("b", "a", ["a"]) }, []),
  "a node under another's id": tree({ a: node("b", null, []) }, ["a"]),
  "a message that is none": tree({ a: node("a", null, [], { message: "hello" }) }, ["a"]),
  __proto__: `{"version":1,"nodes":{"__proto__":${JSON.stringify(node("__proto__", null, []))}},"rootIds":["__proto__"],"activeLeafId":null}`,
};

export const foreignCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-foreign", "every call says so, and it stays", async (context) => {
    const { store, peer } = await context.stores();
    for (const [what, text] of Object.entries(FOREIGN)) {
      const id = context.id();
      await context.plant(store, id, text);
      const calls: Record<string, () => unknown> = {
        load: () => peer.load(id),
        save: () => store.save(id, talk("over it")),
        update: () => peer.update(id, (history) => void say(history, "behind it")),
      };
      for (const [call, run] of Object.entries(calls)) {
        const error = await expectRefused("UNSUPPORTED", run, `${call} of ${what}`);
        expect(error.message).toContain(id);
      }
      expect(await context.peek(peer, id), what).toBe(text);
    }
  }),

  defineCase("conversation-foreign", "it can be deleted", async (context) => {
    const { store, peer, id } = await context.fixture();
    await context.plant(store, id, "garbage");
    await peer.delete(id);
    expect(await context.peek(store, id)).toBeNull();
    await peer.save(id, talk("hello"));
    await expectStored({ store, peer, id }, ["hello"]);
  }),

  defineCase("conversation-conflict", "another library has stored something", async (context) => {
    const { store, peer } = await context.stores();
    for (const text of [talk("theirs").toJSON(), `${talk("hello").toJSON()} `, "garbage"]) {
      const id = context.id();
      await store.save(id, talk("hello"));
      const history = await store.load(id);
      await context.plant(peer, id, text);
      say(history, "too late");
      await expectRefused("CONFLICT", () => store.save(id, history));
      expect(await context.peek(store, id)).toBe(text);
    }
  }),
];
