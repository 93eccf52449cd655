import { MemoryStreamStore } from "@streambed/memory";
import { describe, expect, test } from "vitest";
import { createStreamHandler } from "../../src/index.ts";
import { get, linesOf, post, readUntil } from "../support/client.ts";
import { failingModel } from "../support/scripted-model.ts";
import type { Spec } from "../support/scripted-model.ts";
import { waitingModel } from "../support/waiting-model.ts";

/** How long a generation lives: neither shorter nor longer than it should. */
export function lifetime(spec: Spec): void {
  describe(`lifetime of a ${spec} model's call`, () => {
    const store = new MemoryStreamStore();

    test("a stop reaches a silent model within a second, and every reader", async () => {
      const { model, aborted } = waitingModel(spec);
      const handler = createStreamHandler({ model, store });
      const first = await post(handler, "/stream", { prompt: "hi" });
      const id = first.headers.get("x-stream-id");
      const lines = linesOf(first);
      const second = linesOf(await get(handler, `/stream/resume?id=${id}`));
      await new Promise((resolve) => setTimeout(resolve, 50));

      const stoppedAt = performance.now();
      const stop = await post(handler, "/stream/stop", { id });
      expect([stop.status, await stop.json()]).toEqual([200, { ok: true }]);
      expect((await aborted) - stoppedAt).toBeLessThan(1_000);
      expect(await lines).toEqual(["a", "[stopped]", "[done]"]);
      expect(await second).toEqual(["a", "[stopped]", "[done]"]);

      const again = await post(handler, "/stream/stop", { id });
      expect([again.status, await again.json()]).toEqual([200, { ok: true }]);
    });

    test("a stop ends the retries of a failing model at once", async () => {
      const { model, calls } = failingModel(spec, () =>
        Object.assign(new Error("overloaded"), {
          [Symbol.for("vercel.ai.error")]: true,
          [Symbol.for("vercel.ai.error.AI_APICallError")]: true,
          name: "AI_APICallError",
          isRetryable: true,
          responseHeaders: { "retry-after-ms": "1500" },
        }),
      );
      const handler = createStreamHandler({ model, store });
      const response = await post(handler, "/stream", { prompt: "hi" });
      const lines = linesOf(response);
      await expect.poll(() => calls.length).toBe(1);
      await post(handler, "/stream/stop", { id: response.headers.get("x-stream-id") });
      expect(await lines).toEqual(["[stopped]", "[done]"]);
      expect(calls[0]?.abortSignal?.aborted).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(calls).toHaveLength(1);
    });

    test("a reader that leaves takes nothing with it", async () => {
      const { model, release, aborted } = waitingModel(spec);
      const handler = createStreamHandler({ model, store });
      const connection = new AbortController();
      const response = await post(
        handler,
        "/stream",
        { prompt: "hi" },
        { signal: connection.signal },
      );
      const id = response.headers.get("x-stream-id");
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      await readUntil(reader, "data: a");
      connection.abort();
      await reader.cancel();
      const late = new Promise<string>((resolve) => setTimeout(() => resolve("alive"), 200));
      expect(await Promise.race([aborted, late])).toBe("alive");
      release();
      const lines = await linesOf(await get(handler, `/stream/resume?id=${id}`));
      expect([lines[0], lines[1], lines.at(-1)]).toEqual(["a", "b", "[done]"]);
      expect(await store.getStatus(id ?? "")).toMatchObject({ state: "done" });
    });

    test("an answer that nobody reads is stored all the same, and waited for", async () => {
      const { model, release } = waitingModel(spec);
      const handler = createStreamHandler({ model, store });
      const work: Promise<unknown>[] = [];
      const request = new Request(`http://app.test${handler.prefix}/stream`, {
        method: "POST",
        body: JSON.stringify({ prompt: "hi" }),
      });
      await handler(request, { waitUntil: (promise) => void work.push(promise) });
      release();
      expect(await Promise.all(work)).toMatchObject([{ state: "done", totalChunks: 3 }]);
    });
  });
}
