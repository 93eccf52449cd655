import { expect } from "vitest";
import fc from "fast-check";
import { codeOf, drain, expectRefused, outcomeOf, soon, take } from "../asserting.ts";
import { defineCase } from "../define-case.ts";
import type { StreamStoreCase } from "../define-case.ts";
import { anyText, numbered, seqsTo } from "../texts.ts";

export const readCases: readonly StreamStoreCase[] = [
  defineCase("read-every-chunk", "from every cursor of a short stream", async (context) => {
    const { store, peer, id } = await context.stream();
    const texts = numbered(25);
    await store.append(id, texts);
    for (const after of seqsTo(25).map((seq) => seq - 1)) {
      const rest = context.read(after % 2 ? store : peer, id, after);
      expect(await take(rest, 25 - after)).toEqual(texts.slice(after));
    }
    await store.complete(id);
    for (const after of [0, ...seqsTo(25)]) {
      const reading = await drain(context.read(after % 2 ? store : peer, id, after));
      expect(reading).toMatchObject({ texts: texts.slice(after), seqs: seqsTo(25, after) });
    }
  }),

  defineCase("read-every-chunk", "over the seams of a long stream", async (context) => {
    const { store, peer, id } = await context.stream();
    const texts = numbered(3000);
    for (let i = 0; i < 3000; i += 750) await store.append(id, texts.slice(i, i + 750));
    await store.complete(id);
    for (const after of [0, 1, 255, 256, 257, 999, 1000, 2999, 3000]) {
      const reading = await drain(context.read(peer, id, after));
      expect(reading.seqs.join() === seqsTo(3000, after).join(), `after ${after}`).toBe(true);
      expect(reading.texts.join("|") === texts.slice(after).join("|"), `after ${after}`).toBe(true);
    }
  }),

  defineCase(
    "read-every-chunk",
    "long chunks, which fill a page before its count does",
    async (context) => {
      const { store, peer, id } = await context.stream();
      const texts = numbered(20).map((text) => text.padEnd(50_000, "\u20ac"));
      await store.append(id, texts.slice(0, 15));
      for (const text of texts.slice(15)) await store.append(id, text);
      await store.complete(id);
      for (const after of [0, 1, 19]) {
        const reading = await drain(context.read(peer, id, after));
        expect(reading.seqs).toEqual(seqsTo(20, after));
        expect(reading.texts.join("|") === texts.slice(after).join("|"), `after ${after}`).toBe(
          true,
        );
      }
    },
  ),

  defineCase("read-every-chunk", "any batches, resumed from any cursor", async (context) => {
    const { store, peer } = await context.stores();
    const batches = fc.array(fc.array(anyText, { maxLength: 8 }), { maxLength: 8 });
    const property = fc.asyncProperty(batches, fc.nat({ max: 64 }), async (list, n) => {
      const id = context.id();
      await store.create(id);
      for (const batch of list) await store.append(id, batch);
      await store.complete(id);
      const all = (await drain(context.read(store, id, 0))).seqs.length;
      const after = all === 0 ? 0 : n % (all + 1);
      const { seqs, status } = await drain(context.read(peer, id, after));
      expect(all).toBe(list.flat().length);
      expect(seqs).toEqual(seqsTo(all, after));
      expect(status.totalChunks).toBe(all);
    });
    await fc.assert(property, { numRuns: 40 });
  }),

  defineCase("read-not-found", "an id that holds no stream", async (context) => {
    const { store, id } = await context.stream();
    await store.delete(id);
    for (const unknown of [context.id(), id]) {
      for (const after of [0, 7]) {
        const reader = context.read(store, unknown, after);
        await expectRefused("NOT_FOUND", () => soon(reader.next(), "a refusal"));
        expect(await reader.next()).toMatchObject({ done: true });
      }
    }
  }),

  defineCase("read-cursor", "what is not an integer >= 0", async (context) => {
    const { store, id } = await context.stream();
    await store.append(id, ["a", "b"]);
    const bad = [
      -1,
      -0.5,
      0.5,
      1.5,
      Number.NaN,
      Infinity,
      -Infinity,
      2 ** 53,
      "1",
      "",
      "0-1",
      null,
      undefined,
      true,
      {},
      [1],
      1n,
    ];
    for (const cursor of bad) {
      const next = () => soon(context.read(store, id, cursor as number).next(), "a refusal");
      await expectRefused("INVALID_CURSOR", next, `the cursor ${typeof cursor} ${String(cursor)}`);
    }
  }),

  defineCase(
    "read-cursor",
    "past the last seq, of an active stream and of an ended one",
    async (context) => {
      const { store, peer, id } = await context.stream();
      const tooFar = async (): Promise<void> => {
        const total = (await store.getStatus(id))?.totalChunks ?? 0;
        for (const cursor of [total + 1, total + 300, Number.MAX_SAFE_INTEGER]) {
          for (const one of [store, peer]) {
            const next = () => soon(context.read(one, id, cursor).next(), "a refusal");
            await expectRefused("INVALID_CURSOR", next, `${cursor} of ${total}`);
          }
        }
      };
      await tooFar();
      await store.append(id, ["a", "b"]);
      await tooFar();
      await store.complete(id);
      await tooFar();
    },
  ),

  defineCase("read-lost", "an ended stream with a chunk missing", async (context) => {
    const { store, id } = await context.stream();
    await store.append(id, ["a", "b", "c"]);
    await store.complete(id);
    await context.loseChunk(store, id);
    for (const after of [0, 1, 2]) {
      const reader = context.read(store, id, after);
      const texts: string[] = [];
      const outcome = await outcomeOf(async () => {
        for await (const { data } of reader) texts.push(data);
      });
      expect("error" in outcome && codeOf(outcome.error), `after ${after}`).toBe("LOST");
      // What is there may be told before the loss is noticed, and nothing else.
      expect(["a", "b"].slice(after).slice(0, texts.length)).toEqual(texts);
    }
  }),

  defineCase("read-lost", "an active stream with all of its chunks missing", async (context) => {
    const { store, peer, id } = await context.stream();
    await store.append(id, ["a", "b"]);
    await context.loseChunk(store, id);
    await context.loseChunk(store, id);
    for (const one of [store, peer]) {
      const next = () => soon(context.read(one, id, 0).next(), "the news of the loss");
      await expectRefused("LOST", next);
    }
  }),

  defineCase("read-lost", "a long stream, far behind the reader's first page", async (context) => {
    const { store, id } = await context.stream();
    await store.append(id, numbered(2000));
    await store.complete(id);
    const reader = context.read(store, id, 0);
    await take(reader, 1);
    await context.loseChunk(store, id);
    const outcome = await outcomeOf(() => drain(reader));
    // A store may have read it all before the loss; then it is all there.
    const told = "error" in outcome ? codeOf(outcome.error) : outcome.value.seqs.at(-1);
    expect(["LOST", 2000]).toContain(told);
  }),
];
