import { expect } from "vitest";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

export const deleteCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-delete", "nothing is left, and the id is free", async (context) => {
    const { store, peer, id } = await context.fixture();
    const other = context.id();
    await store.save(other, talk("other"));
    for (const text of ["one", "two"]) {
      await store.save(id, talk(text));
      await peer.delete(id);
      expect(await context.peek(store, id)).toBeNull();
      await expectStored({ store, peer, id }, []);
    }
    await peer.update(id, (history) => void say(history, "three"));
    await expectStored({ store, peer, id }, ["three"]);
    await expectStored({ store, peer, id: other }, ["other"]);
  }),

  defineCase("conversation-delete", "of none, it resolves", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.delete(id);
    await store.save(id, talk("hello"));
    await Promise.all([store.delete(id), peer.delete(id), store.delete(id)]);
    await peer.delete(id);
    await expectStored({ store, peer, id }, []);
  }),
];
