import { expect } from "vitest";
import { ChatHistory } from "@streambed/core/conversation";
import { expectRefused, outcomeOf } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk, textsOf } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

export const saveCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-conflict", "somebody else has saved since", async (context) => {
    const { store, peer } = await context.stores();
    for (const before of [[], ["hello"]]) {
      const id = context.id();
      if (before.length > 0) await store.save(id, talk(...before));
      const mine = await store.load(id);
      const theirs = await peer.load(id);
      say(mine, "mine");
      say(theirs, "theirs");
      await peer.save(id, theirs);
      // Trying again does not help, nor does it make a difference what is in it.
      await expectRefused("CONFLICT", () => store.save(id, mine));
      await expectRefused("CONFLICT", () => store.save(id, mine));
      mine.compact({ role: "system", content: "in short" });
      await expectRefused("CONFLICT", () => store.save(id, mine));
      await expectStored({ store, peer, id }, [...before, "theirs"]);
    }
  }),

  defineCase("conversation-conflict", "it was deleted since, and stays so", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.save(id, talk("hello"));
    const history = await store.load(id);
    say(history, "too late");
    await peer.delete(id);
    await expectRefused("CONFLICT", () => store.save(id, history));
    expect(await context.peek(peer, id)).toBeNull();
  }),

  defineCase(
    "conversation-conflict",
    "of 6 racing saves exactly one resolves, 100 times",
    async (context) => {
      const { store, peer } = await context.stores();
      for (let round = 0; round < 100; round++) {
        const id = context.id();
        if (round % 2) await store.save(id, talk("hello"));
        const writers = Array.from({ length: 6 }, (_, i) => ((i + round) % 2 ? store : peer));
        const histories = await Promise.all(writers.map((one) => one.load(id)));
        for (const [i, history] of histories.entries()) say(history, `${i}`);
        const outcomes = await Promise.all(
          writers.map((one, i) => outcomeOf(() => one.save(id, histories[i]!))),
        );
        const winners = [...outcomes.keys()].filter((i) => "value" in outcomes[i]!);
        expect(winners, `round ${round}`).toHaveLength(1);
        for (const outcome of outcomes) {
          if ("error" in outcome) expect(outcome.error).toMatchObject({ code: "CONFLICT" });
        }
        expect(textsOf(await peer.load(id)).at(-1)).toBe(`${winners[0]}`);
      }
    },
  ),

  defineCase("conversation-save-again", "as often as one likes", async (context) => {
    const { store, peer } = await context.stores();
    for (const isLoaded of [true, false]) {
      const id = context.id();
      const history = isLoaded ? await store.load(id) : talk();
      const texts: string[] = [];
      for (let i = 0; i < 5; i++) {
        texts.push(`${i}`);
        say(history, `${i}`);
        await store.save(id, history);
        await store.save(id, history);
        await expectStored({ store, peer, id }, texts);
      }
    }
  }),

  defineCase("conversation-save-again", "but not over what came in between", async (context) => {
    const { store, peer } = await context.stores();
    const [mine, theirs] = [context.id(), context.id()];
    const loaded = await store.load(mine);
    for (const [id, history] of [
      [mine, loaded],
      [theirs, talk("hello")],
    ] as const) {
      say(history, "mine");
      await store.save(id, history);
      await peer.update(id, (one) => void say(one, "in between"));
      say(history, "too late");
      await expectRefused("CONFLICT", () => store.save(id, history));
      expect(textsOf(await peer.load(id)).at(-1)).toBe("in between");
    }
  }),

  defineCase("conversation-save-again", "in the order of the calls, unawaited", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 20; round++) {
      const id = context.id();
      const history = round % 2 ? talk() : await store.load(id);
      const saves: Promise<void>[] = [];
      for (let i = 0; i < 8; i++) {
        say(history, `${i}`);
        saves.push(store.save(id, history));
      }
      await Promise.all(saves);
      await expectStored({ store, peer, id }, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }
  }),

  defineCase("conversation-save-again", "under each id for itself", async (context) => {
    const { store, peer } = await context.stores();
    const [one, other] = [context.id(), context.id()];
    await store.save(one, talk("hello"));
    const history = await store.load(one);
    await store.save(other, history);
    await peer.update(one, (it) => void say(it, "in between"));
    say(history, "mine");
    await expectRefused("CONFLICT", () => store.save(one, history));
    await store.save(other, history);
    await expectStored({ store, peer, id: other }, ["hello", "mine"]);
  }),

  defineCase("conversation-overwrite", "one that was not handed out", async (context) => {
    const { store, peer, id } = await context.fixture();
    await store.save(id, talk("hello", "old"));
    await peer.save(id, talk("new"));
    await expectStored({ store, peer, id }, ["new"]);
    // Nor is a copy.
    const copy = ChatHistory.fromJSON((await peer.load(id)).toJSON());
    await store.update(id, (one) => void say(one, "in between"));
    await peer.save(id, copy);
    await expectStored({ store, peer, id }, ["new"]);
  }),

  defineCase(
    "conversation-overwrite",
    "one that was handed out for another id",
    async (context) => {
      const { store, peer, id } = await context.fixture();
      const elsewhere = context.id();
      await store.save(elsewhere, talk("from elsewhere"));
      await peer.save(id, talk("hello"));
      await store.save(id, await store.load(elsewhere));
      await expectStored({ store, peer, id }, ["from elsewhere"]);
    },
  ),
];
