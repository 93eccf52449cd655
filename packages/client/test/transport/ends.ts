import type { Generate } from "@streambed/ai-sdk";
import { describe, expect, test, vi } from "vitest";
import { all, waiting } from "./answers.ts";
import { chatServer, cutAfter, openPage, partsOf, Storage } from "./chat-page.ts";
import type { AnyChat, Network } from "./chat-page.ts";

/** How an answer, or the reading of it, comes to an end. */
export function ends(AnyChat: AnyChat): void {
  const fails: Generate = async function* () {
    yield "so far";
    throw new Error("the model is gone");
  };

  describe("an end", () => {
    test("that is an error is one, whenever it comes", async () => {
      for (const at of [undefined, 0, 150, 250]) {
        let isDue = at !== undefined;
        const page = openPage(AnyChat, chatServer(fails), {
          network(response) {
            if (!isDue) return response;
            isDue = false;
            return cutAfter(response, at!, "end");
          },
        });
        await page.chat.sendMessage({ text: "hi" });
        expect(page.chat.error).toMatchObject({ code: "FAILED", message: "the model is gone" });
        expect(partsOf(page.chat)).toEqual(["text done: so far"]);
        expect(page.states.at(-1)).toBe("ended error");
      }
    });

    test("of a producer that died is told", async () => {
      const { generate } = waiting();
      const server = chatServer(generate);
      const page = openPage(AnyChat, server);
      const sent = page.chat.sendMessage({ text: "hi" });
      await expect.poll(() => partsOf(page.chat)).toEqual(["text streaming: a"]);
      await server.store.fail((await server.active.get("c1"))!, "producer lost");
      await sent;
      expect(page.chat.error).toMatchObject({ code: "FAILED", message: "producer lost" });
    });

    test("that cannot be reached gives up in time; then the answer can be had, once", async () => {
      let isDown = false;
      const network: Network = (response, request) => {
        if (!isDown) return request.method === "POST" ? cutAfter(response, 200, "end") : response;
        return new Response("down", { status: 503 });
      };
      const { generate, release } = waiting();
      const server = chatServer(generate);
      const page = openPage(AnyChat, server, { network, maxRetries: 3 });
      const sent = page.chat.sendMessage({ text: "hi" });
      isDown = true;
      await sent;
      expect(page.chat.status).toBe("error");
      isDown = false;
      const resumed = page.chat.resumeStream();
      release();
      await resumed;
      expect([page.chat.status, partsOf(page.chat)]).toEqual(["ready", ["text done: ab"]]);
    });

    test.each([
      ["refused", () => Response.json({ error: "no" }, { status: 409 })],
      ["lost", () => Promise.reject(new TypeError("fetch failed"))],
      ["a web page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ])("of a question that was %s: an error, and it is not sent again", async (_, network) => {
      const page = openPage(AnyChat, chatServer(all), { network });
      await page.chat.sendMessage({ text: "hi" });
      expect(page.chat.status).toBe("error");
      expect(page.chat.error).toBeInstanceOf(Error);
      expect(page.requests).toEqual(["POST /api/chat"]);
    });

    test("of what was read by a page that had given up on chunks of another kind", async () => {
      const event = 'id: 1\ndata: {"type":"unheard-of"}\n\n';
      const headers = { "content-type": "text/event-stream" };
      const network = (): Response => new Response(event, { headers });
      const page = openPage(AnyChat, chatServer(all), { network });
      await page.chat.sendMessage({ text: "hi" });
      expect(page.chat.error).toMatchObject({ code: "PROTOCOL" });
    });
  });

  test("a connection that goes silent is closed, also the one that brought the question", async () => {
    const { generate, release } = waiting();
    const page = openPage(AnyChat, chatServer(generate), { silenceMs: 50 });
    const sent = page.chat.sendMessage({ text: "hi" });
    await vi.waitFor(() => expect(page.requests.length).toBeGreaterThan(2));
    release();
    await sent;
    expect(partsOf(page.chat)).toEqual(["text done: ab"]);
    expect(page.signals.map(({ aborted }) => aborted)).not.toContain(false);
  });

  describe("a page that comes back", () => {
    test("finds nothing where nothing is under way, and is ready", async () => {
      const page = openPage(AnyChat, chatServer(all));
      await page.chat.resumeStream();
      expect([page.chat.status, page.chat.messages, page.finished]).toEqual(["ready", [], []]);
      expect(page.states).toEqual(["connecting", "idle"]);
      expect(page.requests).toEqual(["GET /api/chat/c1/stream"]);
    });

    test("tries again while the server is away", async () => {
      let failures = 3;
      const page = openPage(AnyChat, chatServer(all), {
        network: (response) => (failures-- > 0 ? new Response("", { status: 502 }) : response),
      });
      await page.chat.resumeStream();
      expect([page.chat.status, page.requests.length]).toEqual(["ready", 4]);
    });

    test("is told what it may not read", async () => {
      const server = chatServer(all, { authorize: () => false });
      const page = openPage(AnyChat, server);
      await page.chat.resumeStream();
      expect(page.chat.error).toMatchObject({ code: "DENIED", status: 403 });
    });

    test("finds the answer that ended meanwhile, if it has a storage, and then forgets it", async () => {
      const storage = new Storage();
      const { generate, release } = waiting();
      const server = chatServer(generate);
      const left = openPage(AnyChat, server, { storage });
      void left.chat.sendMessage({ text: "hi" });
      await expect.poll(() => partsOf(left.chat)).toEqual(["text streaming: a"]);
      const [remembered] = storage.items.values();
      expect(remembered).toBe(await server.active.get("c1"));
      await left.chat.stop();
      release();
      await expect.poll(() => server.active.get("c1")).toBe(null);

      // What it has kept of the answer by itself is not said twice.
      const messages = left.chat.messages;
      const page = openPage(AnyChat, server, { storage: () => storage, chat: { messages } });
      await page.chat.resumeStream();
      expect([page.chat.messages.length, partsOf(page.chat)]).toEqual([2, ["text done: ab"]]);
      expect(storage.items.size).toBe(0);

      const later = openPage(AnyChat, server, { storage });
      await later.chat.resumeStream();
      expect(later.chat.messages).toEqual([]);
    });

    test("has nothing from a storage that is broken, or full of junk", async () => {
      const broken = () => {
        throw new DOMException("denied", "SecurityError");
      };
      const junk = new Storage();
      for (const value of ["", "null", "c1:", "../x", "c2:00000000-0000-4000-8000-000000000000"]) {
        junk.setItem("streambed: c1", value);
        for (const storage of [junk, { getItem: broken, setItem: broken, removeItem: broken }]) {
          const page = openPage(AnyChat, chatServer(all), { storage });
          await page.chat.sendMessage({ text: "hi" });
          expect([page.chat.status, partsOf(page.chat).length]).toEqual(["ready", 4]);
          const reloaded = openPage(AnyChat, chatServer(all), { storage });
          await reloaded.chat.resumeStream();
          expect(reloaded.chat.status).toMatch(/ready|error/);
        }
      }
    });
  });

  test("requests are made as AI SDK's transport makes them, each time", async () => {
    const seen: string[] = [];
    const { generate, release } = waiting();
    let isDue = true;
    const page = openPage(AnyChat, chatServer(generate, { api: "/v1/talk" }), {
      api: "/v1/talk?tenant=a",
      headers: () => ({ authorization: `token ${seen.length}` }),
      prepareReconnectToStreamRequest({ headers }) {
        const own = new Headers(headers);
        own.set("x-own", "1");
        return { headers: own };
      },
      network(response, { method, url, headers }) {
        const { pathname, search } = new URL(url);
        const [token, own, cursor] = ["authorization", "x-own", "last-event-id"].map((name) =>
          headers.get(name),
        );
        seen.push(`${method} ${pathname}${search} ${token} ${own} ${cursor}`);
        if (!isDue) return response;
        isDue = false;
        return cutAfter(response, 190, "end");
      },
    });
    const sent = page.chat.sendMessage({ text: "hi" });
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    release();
    await sent;
    await page.transport.stop("c1");
    const id = /streamId=([^ ]+)/.exec(seen[1] ?? "")?.[1];
    expect(id).toMatch(/^c1%3A/);
    expect(seen).toEqual([
      "POST /v1/talk?tenant=a token 0 null null",
      `GET /v1/talk/c1/stream?tenant=a&streamId=${id} token 1 1 2`,
      "POST /v1/talk/c1/stop?tenant=a token 2 1 null",
    ]);
    expect(partsOf(page.chat)).toEqual(["text done: ab"]);
  });
}
