import { expect } from "vitest";
import { StreamError } from "@streambed/core/contracts";
import { expectRefused, outcomeOf } from "../../stream-store/asserting.ts";
import { defineCase, defineWaitingCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk, textsOf } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

export const updateCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-update", "is loaded, changed and saved", async (context) => {
    const { store, peer, id } = await context.fixture();
    expect(await store.update(id, (history) => say(history, "hello").length)).toBe(36);
    const answer = await peer.update(id, async (history) => {
      const question = history.activeLeafId;
      await Promise.resolve();
      return history.append({ role: "assistant", content: "hi" }, { parentId: question });
    });
    expect((await store.load(id)).activeLeafId).toBe(answer);
    await expectStored({ store, peer, id }, ["hello", "hi"]);
  }),

  defineCase("conversation-update", "two that race lose nothing, 200 times", async (context) => {
    const { store, peer } = await context.stores();
    for (let conversation = 0; conversation < 10; conversation++) {
      const id = context.id();
      for (let round = 0; round < 20; round++) {
        const [one, other] = round % 2 ? [store, peer] : [peer, store];
        await Promise.all([
          one.update(id, (history) => say(history, `one ${round}`)),
          other.update(id, (history) => say(history, `other ${round}`)),
        ]);
      }
      const texts = textsOf(await store.load(id));
      expect(texts).toHaveLength(40);
      expect(new Set(texts).size, "different ones").toBe(40);
    }
  }),

  defineCase(
    "conversation-update",
    "8 writers, each on what the others stored",
    async (context) => {
      const { store, peer, id } = await context.fixture();
      const write = async (writer: number): Promise<void> => {
        for (let turn = 0; turn < 8; turn++) {
          await (writer % 2 ? store : peer).update(id, (history) =>
            say(history, `${history.size}`),
          );
        }
      };
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(write));
      const counted = Array.from({ length: 64 }, (_, i) => `${i}`);
      await expectStored({ store, peer, id }, counted);
    },
  ),

  defineCase("conversation-update", "two tabs both keep their turns, 50 times", async (context) => {
    const { store, peer } = await context.stores();
    for (let round = 0; round < 50; round++) {
      const id = context.id();
      const turn = async (one: typeof store, tab: string): Promise<void> => {
        const question = await one.update(id, (history) => say(history, `${tab}?`));
        await one.update(id, (history) =>
          history.append({ role: "assistant", content: `${tab}!` }, { parentId: question }),
        );
      };
      await Promise.all([turn(store, "a"), turn(peer, "b")]);
      const history = await store.load(id);
      const { nodes } = JSON.parse(history.toJSON()) as { nodes: object };
      const turns = Object.keys(nodes).flatMap((key) => {
        const { message, parentId } = history.get(key)!;
        return message.role === "user"
          ? []
          : [`${history.get(parentId!)!.message.content} ${message.content}`];
      });
      expect(turns.sort()).toEqual(["a? a!", "b? b!"]);
    }
  }),

  defineCase("conversation-update-fails", "and nothing is stored", async (context) => {
    const { store, peer, id } = await context.fixture();
    for (const before of [null, ["hello"]]) {
      if (before !== null) await store.save(id, talk(...before));
      const stored = await context.peek(store, id);
      const conflict = new StreamError("CONFLICT", "of another kind");
      for (const thrown of [new Error("why"), "a string", undefined, conflict]) {
        const reason = thrown as Error;
        let calls = 0;
        const changes = [
          () => Promise.reject(reason),
          () => {
            throw reason;
          },
        ];
        for (const fail of changes) {
          const update = (): Promise<void> =>
            peer.update(id, (history): void | Promise<void> => {
              calls++;
              say(history, "never");
              return fail();
            });
          expect(await outcomeOf(update)).toEqual({ error: reason });
        }
        expect(calls).toBe(2);
        expect(await context.peek(store, id)).toBe(stored);
      }
    }
  }),

  defineWaitingCase(
    "conversation-update-bounded",
    "one that is always overtaken",
    async (context) => {
      const { store, peer, id } = await context.fixture();
      const update = (): Promise<void> =>
        store.update(id, async (history) => {
          await peer.update(id, (other) => void say(other, "overtaken"));
          say(history, "never");
        });
      await expectRefused("CONFLICT", update);
      expect(new Set(textsOf(await peer.load(id)))).toEqual(new Set(["overtaken"]));
    },
  ),
];
