import type { Generate } from "@streambed/ai-sdk";
import { MemoryConversationStore } from "@streambed/memory";
import { describe, expect, test, vi } from "vitest";
import { all, ANSWER } from "./answers.ts";
import { chatServer, cutAfter, openPage } from "./chat-page.ts";
import type { AnyChat, ChatPage, ChatServer, Network } from "./chat-page.ts";

/** Cuts one response after so many bytes: the first that the page gets to this method. */
function cutOnce(method: string, at: number, how: "end" | "error"): Network {
  let isDue = true;
  return (response, request) => {
    if (request.method !== method || response.body === null || !isDue) return response;
    isDue = false;
    return cutAfter(response, at, how);
  };
}

const lengthOf = async (response: Response): Promise<number> =>
  (await response.arrayBuffer()).byteLength;

/** One cut at every byte of what is sent, or at every so many: the message is whole, and its parts are there once. */
export function cuts(AnyChat: AnyChat, every = 1): void {
  /** Both ways, in turn. */
  async function everywhere(
    length: number,
    run: (at: number, how: "end" | "error") => Promise<void>,
    step = every,
  ): Promise<void> {
    for (let at = 0; at <= length; at += step) await run(at, at % 2 === 0 ? "end" : "error");
  }

  const ask = (server: ChatServer, id = "c1"): Promise<Response> => {
    const messages = [{ id: "q", role: "user", parts: [{ type: "text", text: "hi" }] }];
    const init = { method: "POST", body: JSON.stringify({ id, messages }) };
    return server.handler(new Request("http://app.test/api/chat", init));
  };

  async function expected(): Promise<unknown> {
    const page = openPage(AnyChat, chatServer(all));
    await page.chat.sendMessage({ text: "hi" });
    return page.chat.lastMessage;
  }

  function expectWhole({ chat, finished, states }: ChatPage, answer: unknown, at: number): void {
    expect([at, chat.status, chat.error, chat.messages.at(-1)]).toEqual([
      at,
      "ready",
      undefined,
      answer,
    ]);
    expect(finished).toMatchObject([{ isAbort: false, isError: false, finishReason: "stop" }]);
    expect(states.at(-1)).toBe("ended done");
  }

  describe("a cut at every byte", () => {
    test("of an answer that this page asked for", async () => {
      const answer = await expected();
      expect(JSON.stringify(answer)).toContain("Blue 🌌, as ever.");
      const length = await lengthOf(await ask(chatServer(all)));
      expect(length).toBeGreaterThan(ANSWER.length * 40);
      expect(length).toBeLessThan(4_000);
      await everywhere(length, async (at, how) => {
        const page = openPage(AnyChat, chatServer(all), { network: cutOnce("POST", at, how) });
        await page.chat.sendMessage({ text: "hi" });
        expectWhole(page, answer, at);
        expect(page.chat.messages).toHaveLength(2);
        expect(page.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
      });
    });

    test.each([
      ["failed", "error", "end"],
      ["was stopped", "abort", "error"],
    ] as const)("of an answer that %s", async (_, kind, how) => {
      const generate: Generate = async function* () {
        yield* ANSWER.slice(0, 8);
        if (kind === "error") throw new Error("no more");
        await new Promise(() => {});
      };
      const run = async (network?: Network): Promise<ChatPage> => {
        const server = chatServer(generate);
        const page = openPage(AnyChat, server, { network });
        const sent = page.chat.sendMessage({ text: "hi" });
        if (kind === "abort") {
          const stored = async () =>
            server.store.getStatus((await server.active.get("c1")) ?? "none");
          await vi.waitFor(async () => expect(await stored()).toMatchObject({ totalChunks: 8 }), {
            interval: 1,
          });
          await server.store.stop((await server.active.get("c1"))!);
        }
        await sent;
        return page;
      };
      const whole = await run();
      const [message] = whole.chat.messages.slice(-1);
      expect(whole.states.at(-1)).toBe(kind === "error" ? "ended error" : "ended stopped");
      for (let at = 0; at <= 1_400; at += 7 * every) {
        const page = await run(cutOnce("POST", at, how));
        const end = [page.chat.error?.message, page.states.at(-1), page.chat.messages.length];
        expect([at, ...end]).toEqual([at, whole.chat.error?.message, whole.states.at(-1), 2]);
        expect([at, page.chat.lastMessage?.parts]).toEqual([at, message?.parts]);
      }
    });

    test("of an answer that comes from its beginning each time", async () => {
      const answer = await expected();
      for (let at = 0; at < 1_600; at += 40) {
        const page = openPage(AnyChat, chatServer(all), {
          network: cutOnce("POST", at, "end"),
          uplink(request) {
            const headers = new Headers(request.headers);
            headers.delete("last-event-id");
            return new Request(request, { headers });
          },
        });
        await page.chat.sendMessage({ text: "hi" });
        expectWhole(page, answer, at);
      }
    });

    test("of an answer that a reloaded page finds under way", async () => {
      const answer = await expected();
      const length = await lengthOf(await ask(chatServer(all)));
      await everywhere(length, async (at, how) => {
        const end = Promise.withResolvers<void>();
        const server = chatServer(async function* () {
          yield* ANSWER.slice(0, -1);
          await end.promise;
          yield* ANSWER.slice(-1);
        });
        await ask(server);
        const page = openPage(AnyChat, server, { network: cutOnce("GET", at, how) });
        const resumed = page.chat.resumeStream();
        await vi.waitFor(() => expect(page.states).toContain("streaming"), { interval: 1 });
        // In half of the runs the end is stored when the cut is noticed, in the others later.
        if (at % 4 < 2) await new Promise((resolve) => setTimeout(resolve, 1));
        end.resolve();
        await resumed;
        expectWhole(page, answer, at);
      });
    });

    test("of an answer that goes on with the message in which a tool was asked for", async () => {
      const generate: Generate = async function* ({ messages }) {
        const asked = messages.at(-1)?.role === "user";
        yield* asked
          ? ([
              { type: "start", messageId: "a1" },
              { type: "text-start", id: "x" },
              { type: "text-delta", id: "x", delta: "I look." },
              { type: "text-end", id: "x" },
              { type: "tool-input-available", toolCallId: "t", toolName: "look", input: {} },
              { type: "finish", finishReason: "tool-calls" },
            ] as const)
          : (["It is blue."] as const);
      };
      /** Asks, hands the tool's result in, and gets the rest of the answer over this network. */
      const run = async (network: Network): Promise<ChatPage> => {
        const store = new MemoryConversationStore<never>();
        const server = chatServer(generate, { conversation: { store } });
        let isRest = false;
        const page = openPage(AnyChat, server, {
          network: (response, request) => (isRest ? network(response, request) : response),
        });
        await page.chat.sendMessage({ text: "hi" });
        isRest = true;
        await page.chat.addToolOutput({ tool: "look", toolCallId: "t", output: "blue" });
        await page.chat.sendMessage();
        return page;
      };
      let length = 0;
      const measured = await run(async (response) => {
        const [mine, pages] = response.body!.tee();
        void lengthOf(new Response(mine)).then((bytes) => (length = bytes));
        return new Response(pages, response);
      });
      const whole = measured.chat.lastMessage;
      const types = whole?.parts.map(({ type }) => type);
      expect(types).toEqual(["text", "tool-look", "step-start", "text"]);
      await everywhere(length, async (at, how) => {
        const page = await run(cutOnce("POST", at, how));
        expect([at, page.chat.lastMessage]).toEqual([at, whole]);
        expect(page.chat.messages).toHaveLength(2);
      });
    });
  });
}
