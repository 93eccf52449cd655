import fc from "fast-check";
import { expect } from "vitest";
import { ChatHistory } from "@streambed/core/conversation";
import { anyText, NASTY_TEXTS } from "../../stream-store/texts.ts";
import { HIGH, LOW } from "../../stream-store/hostile.ts";
import { defineCase } from "../../suite/contract-case.ts";
import { expectStored, say, talk, textsOf } from "../conversation-context.ts";
import type { ConversationFixture, ConversationStoreCase } from "../conversation-context.ts";

export const verbatimCases: readonly ConversationStoreCase[] = [
  defineCase("conversation-verbatim", "every branch comes back", async (context) => {
    const fixture = await context.fixture();
    const history = new ChatHistory();
    const question = history.append(
      { role: "user", content: "why?" },
      { metadata: { model: "x", n: 1.5 } },
    );
    const answer = history.append({ role: "assistant", content: "because" });
    say(history, "go on");
    history.regenerate(answer, { role: "assistant", content: "no reason" });
    history.edit(question, { role: "user", content: "how?" });
    history.append({ role: "assistant", content: "late" }, { parentId: question });
    await saveAndCompare(fixture, history);
    const loaded = await fixture.peer.load(fixture.id);
    expect(textsOf(loaded)).toEqual(["how?"]);
    loaded.prevAlternative(loaded.nodeIds[0]!);
    expect(textsOf(loaded)).toEqual(["why?", "because", "go on"]);
    expect(loaded.alternativeCount(answer)).toBe(3);
    expect(loaded.get(question)).toEqual(history.get(question));
    loaded.compact({ role: "system", content: "in short" });
    await saveAndCompare(fixture, loaded, fixture.peer);
  }),

  defineCase("conversation-verbatim", "what is stored is the history's JSON", async (context) => {
    const { store, peer, id } = await context.fixture();
    const history = talk("hello", "again");
    const [first, second] = history.nodeIds as [string, string];
    const { createdAt } = history.get(first)!;
    await store.save(id, history);
    const message = (content: string): object => ({ role: "user", content });
    expect(JSON.parse((await context.peek(peer, id))!)).toEqual({
      version: 1,
      nodes: {
        [first]: {
          ...{ id: first, message: message("hello"), parentId: null, children: [second] },
          ...{ metadata: {}, createdAt },
        },
        [second]: {
          ...{ id: second, message: message("again"), parentId: first, children: [] },
          ...{ metadata: {}, createdAt: history.get(second)!.createdAt },
        },
      },
      rootIds: [first],
      activeLeafId: second,
    });
    expect(new Date(createdAt).toISOString()).toBe(createdAt);
  }),

  defineCase("conversation-verbatim", "what another library has stored", async (context) => {
    const { store, peer, id } = await context.fixture();
    const node = { metadata: { model: "m" }, createdAt: "2026-01-02T03:04:05.678Z" };
    const json = JSON.stringify({
      version: 1,
      nodes: {
        "id-1": {
          id: "id-1",
          message: { role: "user", content: "a" },
          parentId: null,
          children: ["7"],
          ...node,
        },
        "7": {
          id: "7",
          message: { role: "tool", content: [1, null] },
          parentId: "id-1",
          children: [],
          ...node,
        },
      },
      rootIds: ["id-1"],
      activeLeafId: "7",
    });
    await context.plant(store, id, json);
    const history = await peer.load(id);
    expect(history.nodeIds).toEqual(["id-1", "7"]);
    expect(history.get("7")).toMatchObject({ message: { content: [1, null] }, ...node });
    say(history, "ours");
    await peer.save(id, history);
    expect((await store.load(id)).messages.at(-1)).toEqual({ role: "user", content: "ours" });
  }),

  defineCase("conversation-verbatim", "any text", async (context) => {
    const fixture = await context.fixture();
    const history = talk(...NASTY_TEXTS, HIGH, LOW, `${LOW}${HIGH}`, "x".repeat(100_000));
    await saveAndCompare(fixture, history);
    const property = fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async (texts) => {
      await saveAndCompare({ ...fixture, id: context.id() }, talk(...texts));
    });
    await fc.assert(property, { numRuns: 25 });
  }),

  defineCase("conversation-verbatim", "any other JSON, as it is", async (context) => {
    const fixture = await context.fixture();
    const history = new ChatHistory<{ role: string; content?: unknown }>();
    const odd = [[], {}, null, 0.1, 1e21, 2 ** 53, -1, false, [[], {}, [{}]], { "": { " ": [] } }];
    for (const content of odd) history.append({ role: "user", content });
    history.append({ role: "user" });
    const attachments = [{ mimeType: "image/png", data: "iVBORw0KGgo=" }];
    history.append({ role: "user", content: "see", attachments, toJSON: 1 } as { role: string });
    history.append(JSON.parse('{"role":"user","__proto__":{"a":1},"constructor":{}}') as never);
    await saveAndCompare(fixture, history as ChatHistory);
    const property = fc.asyncProperty(fc.jsonValue(), async (content) => {
      const one = new ChatHistory<{ role: string; content?: unknown }>();
      one.append({ role: "user", content });
      await saveAndCompare({ ...fixture, id: context.id() }, one as ChatHistory);
    });
    await fc.assert(property, { numRuns: 25 });
  }),

  defineCase("conversation-verbatim", "one id's is no other's", async (context) => {
    const { store, peer, id } = await context.fixture();
    const ids = [id, `${id}:`, `${id}:lock`, `${id}.`, id.toUpperCase(), id.slice(0, -1)];
    for (const one of ids) await store.save(one, talk(one));
    for (const one of ids) await expectStored({ store, peer, id: one }, [one], one);
  }),
];

/** Saves `history` as the conversation, whatever there is, and compares what comes back, by all ways. */
async function saveAndCompare(
  { store, peer, id }: ConversationFixture,
  history: ChatHistory,
  by = store,
): Promise<void> {
  await by.save(id, history);
  for (const one of [store, peer]) {
    const loaded = await one.load(id);
    expect(loaded.messages).toEqual(history.messages);
    expect(JSON.parse(loaded.toJSON())).toEqual(JSON.parse(history.toJSON()));
  }
}
