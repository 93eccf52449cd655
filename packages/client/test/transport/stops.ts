import { describe, expect, test, vi } from "vitest";
import { waiting } from "./answers.ts";
import { chatServer, openPage, partsOf } from "./chat-page.ts";
import type { AnyChat } from "./chat-page.ts";

/** Who ends an answer, and who only leaves it. */
export function stops(AnyChat: AnyChat): void {
  function underWay(options: Parameters<typeof openPage>[2] = {}) {
    const { generate, release, aborted } = waiting();
    const server = chatServer(generate);
    const page = openPage(AnyChat, server, options);
    const sent = page.chat.sendMessage({ text: "hi" });
    const begun = expect.poll(() => partsOf(page.chat)).toEqual(["text streaming: a"]);
    return { ...page, server, release, aborted, sent, begun };
  }

  describe("stop", () => {
    test("ends the answer, the model, and what is shown of it", async () => {
      const { chat, transport, aborted, sent, begun, states, requests, server } = underWay();
      await begun;
      await transport.stop("c1");
      await Promise.all([sent, aborted]);
      expect([chat.status, partsOf(chat)]).toEqual(["ready", ["text done: a"]]);
      expect(states.at(-1)).toBe("ended stopped");
      expect(requests).toEqual(["POST /api/chat", "POST /api/chat/c1/stop"]);
      expect(await server.active.get("c1")).toBe(null);
    });

    test("ends it in every page, also where it was found after a reload", async () => {
      const { server, begun, sent, chat, transport } = underWay();
      await begun;
      const other = openPage(AnyChat, server);
      const resumed = other.chat.resumeStream();
      await expect.poll(() => partsOf(other.chat)).toEqual(["text streaming: a"]);
      await other.transport.stop("c1");
      await Promise.all([sent, resumed]);
      expect([partsOf(chat), partsOf(other.chat)]).toEqual([["text done: a"], ["text done: a"]]);
      // There is none any more, and that is no error.
      await transport.stop("c1");
    });

    test("names the answer that this page shows, so that it hits none that comes later", async () => {
      const { transport, server, begun, sent, bodies } = underWay();
      await begun;
      const streamId = await server.active.get("c1");
      await transport.stop("c1");
      await sent;
      expect(bodies.at(-1)).toBe(JSON.stringify({ streamId }));
    });

    test("is tried again while the server cannot be reached, then told as an error", async () => {
      let failures = 2;
      const page = underWay({
        network(response, request) {
          if (!request.url.endsWith("/stop") || failures-- <= 0) return response;
          throw new TypeError("network error");
        },
      });
      await page.begun;
      await page.transport.stop("c1");
      await page.sent;
      expect(page.requests.filter((request) => request.endsWith("/stop"))).toHaveLength(3);

      failures = Infinity;
      const failing = page.transport.stop("c1");
      await expect(failing).rejects.toMatchObject({ code: "UNAVAILABLE" });
    });

    test("waits for a question that is on its way, and ends its answer", async () => {
      const { generate, aborted } = waiting();
      const server = chatServer(generate);
      const arrived = Promise.withResolvers<void>();
      const page = openPage(AnyChat, server, {
        async uplink(request) {
          if (request.url.endsWith("/chat")) await arrived.promise;
          return request;
        },
      });
      const sent = page.chat.sendMessage({ text: "hi" });
      await vi.waitFor(() => expect(page.requests).toHaveLength(1));
      const stopped = page.transport.stop("c1");
      arrived.resolve();
      await Promise.all([stopped, sent, aborted]);
      expect([page.chat.status, page.states.at(-1)]).toEqual(["ready", "ended stopped"]);
    });
  });

  describe("`stop` of the chat itself", () => {
    test("only leaves: the answer goes on, and is read on from its beginning, once", async () => {
      const { chat, begun, sent, release, requests } = underWay();
      await begun;
      await chat.stop();
      await sent;
      expect(chat.status).toBe("ready");
      const resumed = chat.resumeStream();
      release();
      await resumed;
      expect([chat.status, partsOf(chat)]).toEqual(["ready", ["text done: ab"]]);
      expect(chat.messages).toHaveLength(2);
      expect(requests.map((request) => request.split(" ")[0])).toEqual(["POST", "GET"]);
    });

    test("ends the answer with `stopOnAbort`, and the next question waits for that", async () => {
      const { chat, begun, sent, aborted, requests } = underWay({
        stopOnAbort: true,
        async uplink(request) {
          if (request.url.endsWith("/stop"))
            await new Promise((resolve) => setTimeout(resolve, 20));
          return request;
        },
      });
      await begun;
      const stopped = chat.stop();
      const next = chat.sendMessage({ text: "and now?" });
      await Promise.all([stopped, sent, aborted]);
      await vi.waitFor(() => expect(requests.at(-1)).toBe("POST /api/chat"));
      expect(requests).toEqual(["POST /api/chat", "POST /api/chat/c1/stop", "POST /api/chat"]);
      expect(chat.error).toBe(undefined);
      await chat.stop();
      await next;
    });

    test("ends an answer whose question was still on its way", async () => {
      const { generate, aborted } = waiting();
      const server = chatServer(generate);
      const arrived = Promise.withResolvers<void>();
      const page = openPage(AnyChat, server, {
        stopOnAbort: true,
        async uplink(request) {
          if (request.url.endsWith("/chat")) await arrived.promise;
          return request;
        },
      });
      const sent = page.chat.sendMessage({ text: "hi" });
      await vi.waitFor(() => expect(page.requests).toHaveLength(1));
      await page.chat.stop();
      await sent;
      expect(page.chat.status).toBe("ready");
      arrived.resolve();
      await aborted;
      await expect.poll(() => server.active.get("c1")).toBe(null);
    });
  });
}
