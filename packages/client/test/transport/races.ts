import type { Generate } from "@streambed/ai-sdk";
import { getEventListeners } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { all, waiting } from "./answers.ts";
import { chatServer, openPage, partsOf } from "./chat-page.ts";
import type { AnyChat, Network } from "./chat-page.ts";

const question = (text: string) => ({
  id: crypto.randomUUID(),
  role: "user" as const,
  parts: [{ type: "text" as const, text }],
});

/** What comes at a bad moment. */
export function races(AnyChat: AnyChat): void {
  const withoutName: Network = ({ body, headers, status }) => {
    const others = new Headers(headers);
    others.delete("x-stream-id");
    return new Response(body, { status, headers: others });
  };

  test("a server of another origin that does not say what it sends is an error, not a guess", async () => {
    const page = openPage(AnyChat, chatServer(all), { network: withoutName });
    await page.chat.sendMessage({ text: "hi" });
    expect(page.chat.error).toMatchObject({ code: "PROTOCOL" });
  });

  test("an answer is never gone on with by another one", async () => {
    const { generate } = waiting();
    const other = chatServer(all);
    let isCut = false;
    const page = openPage(AnyChat, chatServer(generate), {
      silenceMs: 50,
      network(response, { method }) {
        if (method === "POST" || isCut) return response;
        isCut = true;
        return other.handler(
          new Request("http://app.test/api/chat", {
            method: "POST",
            body: JSON.stringify({ id: "c1", messages: [question("other")] }),
          }),
        );
      },
    });
    await page.chat.sendMessage({ text: "hi" });
    expect(page.chat.error).toMatchObject({ code: "PROTOCOL", message: "another stream" });
    expect(partsOf(page.chat)).toEqual(["text streaming: a"]);
  });

  test("a question that is never answered fails in time, and blocks neither a stop nor the next one", async () => {
    let isDead = true;
    const page = openPage(AnyChat, chatServer(all), {
      silenceMs: 100,
      stopOnAbort: true,
      uplink: async (request) => {
        if (isDead && !request.url.endsWith("/stop")) await new Promise(() => {});
        return request;
      },
    });
    const sent = page.chat.sendMessage({ text: "hi" });
    await vi.waitFor(() => expect(page.requests).toHaveLength(1));
    await page.chat.stop();
    await sent;
    isDead = false;
    await page.chat.sendMessage({ text: "and now?" });
    expect(page.chat.error).toBe(undefined);
    expect(partsOf(page.chat)).toHaveLength(4);

    isDead = true;
    await page.chat.sendMessage({ text: "and then?" });
    expect(page.chat.status).toBe("error");
    expect(page.states.at(-1)).toBe("idle");
    await page.transport.stop("c1");
  });

  test("a stop means the question that was asked last, although nobody knows its answer's name", async () => {
    const first = waiting();
    const server = chatServer(first.generate);
    let isLost = false;
    const page = openPage(AnyChat, server, {
      network(response) {
        if (isLost) throw new TypeError("network error");
        return response;
      },
    });
    void page.chat.sendMessage({ text: "hi" });
    await expect.poll(() => partsOf(page.chat)).toEqual(["text streaming: a"]);
    await page.chat.stop();
    await server.store.complete((await server.active.get("c1"))!);
    await expect.poll(() => server.active.get("c1")).toBe(null);
    isLost = true;
    await page.chat.sendMessage({ text: "and now?" });
    expect(page.chat.status).toBe("error");
    isLost = false;
    await page.transport.stop("c1");
    await first.aborted;
    await expect.poll(() => server.active.get("c1")).toBe(null);
  });

  test("a reader that is cancelled says so", async () => {
    const { generate } = waiting();
    const states: string[] = [];
    const { transport } = openPage(AnyChat, chatServer(generate), {
      onState: ({ phase }) => void states.push(phase),
    });
    const asked = { chatId: "c1", messages: [question("hi")], messageId: undefined };
    const stream = await transport.sendMessages({
      ...asked,
      trigger: "submit-message",
      abortSignal: undefined,
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(states.slice(-2)).toEqual(["streaming", "idle"]);
  });

  describe("with `stopOnAbort`", () => {
    test("looking for an answer, and leaving before there is one, ends none", async () => {
      const { generate, release } = waiting();
      const server = chatServer(generate);
      const asking = openPage(AnyChat, server);
      const sent = asking.chat.sendMessage({ text: "hi" });
      await expect.poll(() => partsOf(asking.chat)).toEqual(["text streaming: a"]);
      const page = openPage(AnyChat, server, { stopOnAbort: true });
      const looking = page.chat.resumeStream();
      await page.chat.stop();
      await looking;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(page.requests.filter((request) => request.endsWith("/stop"))).toEqual([]);
      release();
      await sent;
      expect(partsOf(asking.chat)).toEqual(["text done: ab"]);
    });

    test("an answer that has ended leaves nothing at the signal", async () => {
      const { transport, requests } = openPage(AnyChat, chatServer(all), { stopOnAbort: true });
      const leaving = new AbortController();
      const { signal } = leaving;
      for (let i = 0; i < 3; i++) {
        const stream = await transport.sendMessages({
          chatId: "c1",
          messages: [question(`${i}`)],
          messageId: undefined,
          trigger: "submit-message",
          abortSignal: signal,
        });
        for await (const _ of stream);
      }
      expect(getEventListeners(signal, "abort")).toEqual([]);
      leaving.abort();
      expect(requests).toEqual(["POST /api/chat", "POST /api/chat", "POST /api/chat"]);
    });
  });

  test("two chats of one transport do not meet", async () => {
    const answers: Record<string, string> = { c1: "one", c2: "two" };
    const generate: Generate = async function* ({ chatId }) {
      yield answers[chatId] ?? "";
    };
    const { transport } = openPage(AnyChat, chatServer(generate));
    const read = async (chatId: string): Promise<string> => {
      const stream = await transport.sendMessages({
        chatId,
        messages: [question("hi")],
        messageId: undefined,
        trigger: "submit-message",
        abortSignal: undefined,
      });
      let text = "";
      for await (const chunk of stream) if (chunk.type === "text-delta") text += chunk.delta;
      return text;
    };
    expect(await Promise.all([read("c1"), read("c2")])).toEqual(["one", "two"]);
  });
}
