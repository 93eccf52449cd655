import { setTimeout as sleep } from "node:timers/promises";
import { MemoryStreamStore } from "@streambed/memory";
import type { LanguageModel } from "ai";
import { describe, expect, test } from "vitest";
import { createStreamHandler } from "../../src/index.ts";
import { linesOf, post } from "../support/client.ts";
import { openAIServer, sendData, sendJson, sendToken } from "../support/openai-server.ts";

type CreateProvider = (options: { name: string; baseURL: string }) => (id: string) => unknown;

/** A real provider package, over HTTP, against a server that does what servers do. */
export function providers(createProvider: CreateProvider): void {
  describe("a provider over HTTP", () => {
    const store = new MemoryStreamStore();

    async function ask(baseURL: string): Promise<{ id: string; response: Response }> {
      const provider = createProvider({ name: "local", baseURL });
      const handler = createStreamHandler({ store, model: provider("m") as LanguageModel });
      const response = await post(handler, "/stream", { prompt: "hi" });
      expect(response.status).toBe(200);
      return { id: response.headers.get("x-stream-id") ?? "", response };
    }

    /** The lines of an answer, and how it was stored. */
    async function outcome(baseURL: string): Promise<{ state?: string; lines: string[] }> {
      const { id, response } = await ask(baseURL);
      const lines = await linesOf(response);
      return { ...(await store.getStatus(id)), lines };
    }

    test("an answer", async () => {
      const server = await openAIServer((response) => {
        sendToken(response, "Hel");
        sendToken(response, "lo", "stop");
        sendData(response, "[DONE]");
        response.end();
      });
      const { state, lines } = await outcome(server.url);
      expect([state, ...lines]).toEqual([
        "done",
        "Hel",
        "lo",
        '[usage] {"finishReason":"stop"}',
        "[done]",
      ]);
    });

    test("401: the key is wrong", async () => {
      const error = {
        message: "Incorrect API key provided",
        type: "auth",
        code: "invalid_api_key",
      };
      const server = await openAIServer((response) => sendJson(response, 401, { error }));
      const { state, lines } = await outcome(server.url);
      expect([state, ...lines]).toEqual(["error", `[error] ${error.message}`, "[done]"]);
      expect(server.requests()).toBe(1);
    });

    test("500, three times", async () => {
      const error = { message: "The server had an error", type: "server_error", code: null };
      const server = await openAIServer((response) => sendJson(response, 500, { error }));
      const { state, lines } = await outcome(server.url);
      expect([state, ...lines]).toEqual(["error", `[error] ${error.message}`, "[done]"]);
      expect(server.requests()).toBe(3);
    });

    test("500 once, then an answer", async () => {
      const server = await openAIServer((response) => {
        if (server.requests() === 1) return sendJson(response, 500, {});
        sendToken(response, "ok", "stop");
        response.end("data: [DONE]\n\n");
      });
      expect((await outcome(server.url)).lines.at(0)).toBe("ok");
    });

    test("429 without a body", async () => {
      const server = await openAIServer((response) => {
        response.writeHead(429, { "retry-after-ms": "1" }).end();
      });
      const { state, lines } = await outcome(server.url);
      expect(state).toBe("error");
      expect(lines[0]).toMatch(/^\[error\] .*(Too Many Requests|429)/);
    });

    test("nobody is listening", async () => {
      const server = await openAIServer(() => {});
      await server.close();
      const { state, lines } = await outcome(server.url);
      expect(state).toBe("error");
      expect(lines[0]).toMatch(/^\[error\] .*ECONNREFUSED/);
    });

    test("an HTML page instead of an answer", async () => {
      const server = await openAIServer((response) => {
        response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
      });
      expect(await outcome(server.url)).toMatchObject({ state: "error" });
    });

    test("the connection is cut between two tokens", async () => {
      const server = await openAIServer((response) => {
        sendToken(response, "half an ");
        setTimeout(() => response.destroy(), 50);
      });
      const { state, lines } = await outcome(server.url);
      expect([state, lines[0]]).toEqual(["error", "half an "]);
      expect(lines[1]).toMatch(/^\[error\] .*other side closed/);
    });

    test("the answer is closed between two tokens", async () => {
      const server = await openAIServer((response) => {
        sendToken(response, "half an ");
        setTimeout(() => response.end(), 50);
      });
      const { state, lines } = await outcome(server.url);
      expect([state, ...lines]).toEqual([
        "error",
        "half an ",
        expect.stringMatching(/^\[error\] .* ended without/),
        "[done]",
      ]);
    });

    test("an error in the middle of the answer, and then silence", async () => {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>();
      const server = await openAIServer((response) => {
        response.on("close", close);
        sendToken(response, "half an ");
        sendData(response, { error: { message: "Overloaded", type: "overloaded", code: null } });
      });
      const { state, lines } = await outcome(server.url);
      expect([state, ...lines]).toEqual(["error", "half an ", "[error] Overloaded", "[done]"]);
      await closed;
    });

    test.each([
      ["before its first byte", () => {}],
      ["in the middle of its answer", sendToken],
    ])("a stop closes the connection of a provider that hangs %s", async (_, begin) => {
      const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
      const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
      const server = await openAIServer((response) => {
        onAsked();
        response.on("close", onClosed);
        begin(response, "a");
      });
      const { id, response } = await ask(server.url);
      const lines = linesOf(response);
      await asked;
      await sleep(50);
      const stoppedAt = performance.now();
      await store.stop(id);
      await closed;
      expect(performance.now() - stoppedAt).toBeLessThan(1_000);
      expect((await lines).slice(-2)).toEqual(["[stopped]", "[done]"]);
    });

    test("a reader that leaves does not close it", async () => {
      const { promise: answering, resolve: onAnswering } = Promise.withResolvers<() => void>();
      const server = await openAIServer((response) => {
        sendToken(response, "a");
        onAnswering(() => {
          sendToken(response, "b", "stop");
          response.end("data: [DONE]\n\n");
        });
      });
      const { id, response } = await ask(server.url);
      const finish = await answering;
      await response.body?.cancel();
      await sleep(100);
      finish();
      await expect.poll(() => store.getStatus(id)).toMatchObject({ state: "done", totalChunks: 3 });
    });
  });
}
