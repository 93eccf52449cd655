import { expect } from "vitest";
import { expectRefused, pause } from "../../stream-store/asserting.ts";
import { defineWaitingCase } from "../../suite/contract-case.ts";
import { say, talk, textsOf } from "../conversation-context.ts";
import type { ConversationStoreCase } from "../conversation-context.ts";

/** A second, and time for a busy machine and for servers that look at their clock now and then. */
const GONE_MS = 2500;

export const expiryCases: readonly ConversationStoreCase[] = [
  defineWaitingCase("conversation-expiry", "ttlSec after the save it is gone", async (context) => {
    const { store, peer, id } = await context.fixture({ ttlSec: 1 });
    await store.save(id, talk("hello"));
    await pause(250);
    expect(textsOf(await peer.load(id))).toEqual(["hello"]);
    await pause(GONE_MS - 250);
    expect((await store.load(id)).isEmpty).toBe(true);
    expect((await peer.load(id)).isEmpty).toBe(true);
    expect(await context.peek(store, id)).toBeNull();
  }),

  defineWaitingCase("conversation-expiry", "no look keeps it", async (context) => {
    const { store, peer, id } = await context.fixture({ ttlSec: 1 });
    await store.save(id, talk("hello"));
    for (const deadline = performance.now() + GONE_MS; performance.now() < deadline;) {
      await Promise.all([store.load(id), peer.load(id)]);
      await pause(100);
    }
    expect((await peer.load(id)).isEmpty).toBe(true);
  }),

  defineWaitingCase("conversation-expiry", "every save counts anew", async (context) => {
    const { store, peer } = await context.stores({ ttlSec: 1 });
    const [saved, updated] = [context.id(), context.id()];
    for (let i = 0; i < 8; i++) {
      const history = await store.load(saved);
      say(history, `${i}`);
      await store.save(saved, history);
      await peer.update(updated, (one) => void say(one, `${i}`));
      await pause(300);
    }
    const sizes = [(await peer.load(saved)).size, (await store.load(updated)).size];
    expect(sizes).toEqual([8, 8]);
  }),

  defineWaitingCase("conversation-expiry", "by the ttlSec of the last save", async (context) => {
    const brief = await context.stores({ ttlSec: 1 });
    const lasting = await context.stores({ ttlSec: 60 });
    const [one, other] = [context.id(), context.id()];
    await brief.store.save(one, talk("hello"));
    await lasting.store.save(other, talk("hello"));
    await pause(GONE_MS);
    expect((await brief.peer.load(one)).isEmpty).toBe(true);
    expect(textsOf(await lasting.peer.load(other))).toEqual(["hello"]);
  }),

  defineWaitingCase("conversation-expiry", "what came from it is in conflict", async (context) => {
    const { store, peer, id } = await context.fixture({ ttlSec: 1 });
    await store.save(id, talk("hello"));
    const history = await peer.load(id);
    say(history, "too late");
    await pause(GONE_MS);
    await expectRefused("CONFLICT", () => peer.save(id, history));
    expect((await store.load(id)).isEmpty).toBe(true);
  }),
];
