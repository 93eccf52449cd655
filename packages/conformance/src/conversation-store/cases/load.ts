import { expect } from "vitest";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk, textsOf } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

export const loadCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-empty", "where there is none", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const one of [store, peer, store]) {
      const history = await one.load(id);
      expect(history.isEmpty).toBe(true);
      expect([history.size, history.messages, history.activeLeafId]).toEqual([0, [], null]);
      say(history, "never saved");
    }
    expect(await context.peek(store, id)).toBeNull();
  }),

  defineCase(
    "conversation-empty",
    "an empty one can be saved, and is as empty",
    async (context) => {
      const { store, peer, id } = await context.fixture();
      await store.save(id, await store.load(id));
      const history = await peer.load(id);
      expect(history.isEmpty).toBe(true);
      say(history, "hello");
      await peer.save(id, history);
      expect(textsOf(await store.load(id))).toEqual(["hello"]);
    },
  ),

  defineCase("conversation-own-copy", "what becomes of one is no other's", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.save(id, talk("hello"));
    const [one, other, elsewhere] = [
      await store.load(id),
      await store.load(id),
      await peer.load(id),
    ];
    say(one, "of one");
    one.edit(one.nodeIds[0]!, { role: "user", content: "edited" });
    for (const untouched of [other, elsewhere]) {
      expect([untouched.size, textsOf(untouched)]).toEqual([1, ["hello"]]);
    }
    await expectStored({ store, peer, id }, ["hello"]);
  }),

  defineCase("conversation-own-copy", "nor is it stored before it is saved", async (context) => {
    const { store, peer, id } = await context.fixture();
    const history = talk("hello");
    await store.save(id, history);
    say(history, "later");
    await expectStored({ store, peer, id }, ["hello"]);
    history.compact({ role: "system", content: "all of it" });
    await expectStored({ store, peer, id }, ["hello"]);
  }),

  defineCase(
    "conversation-own-copy",
    "a save takes what there is when it is called",
    async (context) => {
      const { store, peer } = await context.stores();
      for (const isLoaded of [true, false]) {
        const id = context.id();
        const history = isLoaded ? await store.load(id) : talk();
        say(history, "hello");
        const saving = store.save(id, history);
        say(history, "while it is being saved");
        await saving;
        await expectStored({ store, peer, id }, ["hello"]);
      }
    },
  ),
];
