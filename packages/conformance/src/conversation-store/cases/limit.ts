import { expect } from "vitest";
import { expectRefused } from "../../stream-store/asserting.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export const limitCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-limit", "to the byte, in UTF-8", async (context) => {
    for (const text of [
      "hello",
      "\u00e4\u00f6\u00fc",
      "\ud83d\ude00\ud83d\ude00",
      "\u0000\ud83d",
    ]) {
      const history = talk(text);
      const maxBytes = bytesOf(history.toJSON());
      const fits = await context.fixture({ maxBytes });
      await fits.store.save(fits.id, history);
      await expectStored(fits, [text]);
      const short = await context.fixture({ maxBytes: maxBytes - 1 });
      await expectRefused("LIMIT", () => short.store.save(short.id, history));
      expect(await context.peek(short.peer, short.id)).toBeNull();
    }
  }),

  defineCase("conversation-limit", "what was stored stays, and goes on", async (context) => {
    const fixture = await context.fixture({ maxBytes: 4000 });
    const { store, peer, id } = fixture;
    await store.save(id, talk("hello"));
    const history = await store.load(id);
    say(history, "x".repeat(4000));
    await expectRefused("LIMIT", () => store.save(id, history));
    const grow = (): unknown => peer.update(id, (one) => void say(one, "y".repeat(4000)));
    await expectRefused("LIMIT", grow);
    await expectStored(fixture, ["hello"]);
    // It is still what it was loaded as.
    history.compact({ role: "system", content: "in short" });
    await store.save(id, history);
    await expectStored(fixture, ["in short"]);
  }),
];
