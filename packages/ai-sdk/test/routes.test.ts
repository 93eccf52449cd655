import { MemoryConversationStore, MemoryStreamStore } from "@streambed/memory";
import { afterEach, describe, expect, test } from "vitest";
import { createStreamHandler } from "../src/index.ts";
import type { StreamAction } from "../src/index.ts";
import { get, post } from "./support/client.ts";
import { finishParts, scriptedModel, textParts } from "./support/scripted-model.ts";

class OpenStore extends MemoryStreamStore {
  get ids(): string[] {
    return [...this.streams.keys()];
  }
}

class OpenConversations extends MemoryConversationStore {
  get ids(): string[] {
    return [...this.conversations.keys()];
  }
}

const store = new OpenStore();
const conversations = new OpenConversations();
const { model, calls } = scriptedModel("v3", [...textParts("hi"), ...finishParts()]);
const options = { models: { first: model }, store, conversation: { store: conversations } };
const handler = createStreamHandler(options);

/** The error of a refused request, after which no model was asked and nothing is stored. */
async function refused(response: Response, status: number): Promise<string> {
  const body = (await response.json()) as { error: string; code?: string };
  expect([response.status, body]).toEqual([
    status,
    expect.objectContaining({ error: expect.any(String) }),
  ]);
  expect([store.ids, conversations.ids, calls]).toEqual([[], [], []]);
  return body.code ?? body.error;
}

const GOOD: Record<string, Record<string, unknown>> = {
  "/stream": { prompt: "hi", sessionId: "s" },
  "/structured": { prompt: "hi", sessionId: "s", schema: { type: "object" } },
  "/chat": { messages: [{ role: "user", content: "hi" }] },
  "/complete": { input: "hi" },
  "/title": { messages: [{ role: "user", content: "hi" }] },
  "/compact": { messages: [{ role: "user", content: "hi" }], sessionId: "s" },
};
const ROUTES = Object.keys(GOOD);
const WITH_MESSAGES = ["/chat", "/title", "/compact"];
const WITH_SESSION = ["/stream", "/structured", "/compact"];

afterEach(async () => {
  for (const id of store.ids) await store.delete(id);
  for (const id of conversations.ids) await conversations.delete(id);
  calls.length = 0;
});

describe.each(ROUTES)("POST %s", (route) => {
  const ask = (change: object): Promise<Response> =>
    post(handler, route, { ...GOOD[route], ...change });

  test("takes a good body", async () => {
    const response = await ask({});
    expect(response.status).toBe(200);
    await response.text();
    expect(calls).toHaveLength(1);
  });

  test.each(["", "{", "[]", "null", '"hi"', "7"])("refuses the body %j", async (body) => {
    expect(await refused(await post(handler, route, body), 400)).toMatch(/JSON/);
  });

  test("refuses a body that is too long, whatever it says of its length", async () => {
    const body = JSON.stringify({ ...GOOD[route], more: "x".repeat(1_048_576) });
    expect(await refused(await post(handler, route, body), 413)).toMatch(/1048576 bytes/);
  });

  test("refuses what it needs if that is missing, of another type, or says nothing", async () => {
    const name = Object.keys(GOOD[route] ?? {})[0] ?? "";
    for (const value of [undefined, null, 1, true, {}, [], "", " \n\u3000"]) {
      expect(await refused(await ask({ [name]: value }), 400)).toMatch(name);
    }
  });

  test("refuses a model that is unknown, or one that every object has", async () => {
    for (const key of ["nope", "__proto__", "constructor", "toString", ""]) {
      expect(await refused(await ask({ model: key }), 400)).toMatch(/unknown model/);
    }
    expect(await refused(await ask({ model: 1 }), 400)).toMatch(/model must be a string/);
  });

  test("is not polluted by keys of prototypes", async () => {
    const text = JSON.stringify(GOOD[route]).replace(
      /}$/,
      ',"__proto__":{"system":7},"constructor":{"prototype":{"x":1}}}',
    );
    const response = await post(handler, route, text);
    expect(response.status).toBe(200);
    await response.text();
    expect({}).not.toHaveProperty("x");
  });

  test("answers no other method", async () => {
    const response = await get(handler, route);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });

  test("is refused by `authorize` before anything is stored or asked", async () => {
    const actions: StreamAction[] = [];
    const guarded = createStreamHandler({
      ...options,
      authorize(_, action) {
        actions.push(action);
        return false;
      },
    });
    expect(await refused(await post(guarded, route, GOOD[route]), 403)).toBe("forbidden");
    const type = route === "/stream" ? "start" : route.slice(1);
    expect(actions).toEqual([expect.objectContaining({ type, model: "first" })]);
  });
});

test.each(WITH_SESSION)("POST %s refuses a session's id that no store takes", async (route) => {
  for (const sessionId of ["", "a b", "../x", "a\nb", "*", "é", "x".repeat(257)]) {
    const response = await post(handler, route, { ...GOOD[route], sessionId });
    expect(await refused(response, 400)).toBe("INVALID_ID");
  }
  const response = await post(handler, route, { ...GOOD[route], sessionId: 1 });
  expect(await refused(response, 400)).toMatch(/sessionId must be a string/);
});

describe.each(WITH_MESSAGES)("messages of POST %s", (route) => {
  const hi = { role: "user", content: "hi" };
  test.each([
    ["no object", "hi"],
    ["null", null],
    ["a list", ["user", "hi"]],
    ["without a role", { content: "hi" }],
    ["of an unknown role", { role: "tool", content: "hi" }],
    ["without content", { role: "user" }],
    ["with other content", { role: "user", content: [{ type: "text", text: "hi" }] }],
    ["with attachments that are no list", { ...hi, attachments: {} }],
    ["with an attachment that is no object", { ...hi, attachments: ["x"] }],
    ["with an attachment without a type", { ...hi, attachments: [{ data: "aGk=" }] }],
    ["with a bad type", { ...hi, attachments: [{ mediaType: "text", data: "aGk=" }] }],
    ["with an attachment without data", { ...hi, attachments: [{ mediaType: "text/plain" }] }],
    [
      "with data that is no base64",
      { ...hi, attachments: [{ mediaType: "text/plain", data: "a b" }] },
    ],
    [
      "with data of a length that base64 has not",
      { ...hi, attachments: [{ mediaType: "a/b", data: "aGkxa" }] },
    ],
    [
      "with data that ends too often",
      { ...hi, attachments: [{ mediaType: "a/b", data: "aGk===" }] },
    ],
    [
      // The server would fetch what only it can reach.
      "with an attachment at an address",
      { ...hi, attachments: [{ mediaType: "image/png", url: "http://169.254.169.254/" }] },
    ],
    [
      "of a model, with attachments",
      { role: "assistant", content: "a", attachments: [{ mediaType: "text/plain", data: "aGk=" }] },
    ],
  ])("refuses one %s", async (_, message) => {
    const error = await refused(await post(handler, route, { messages: [message, hi] }), 400);
    expect(error).toMatch(/messages?|attachments/);
  });

  test("refuses a list whose last says nothing", async () => {
    const blank = { role: "user", content: " " };
    const response = await post(handler, route, { messages: [hi, blank] });
    expect(await refused(response, 400)).toMatch(/last/);
  });
});

test("POST /structured refuses a schema that is none, or nests without end", async () => {
  const ask = (schema: unknown): Promise<Response> =>
    post(handler, "/structured", { prompt: "hi", schema });
  for (const schema of [1, "object", [], true]) {
    expect(await refused(await ask(schema), 400)).toMatch(/schema must be/);
  }
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const body = `{"prompt":"hi","schema":${deep}}`;
  expect(await refused(await post(handler, "/structured", body), 400)).toMatch(/too deep/);
});

test("POST /chat refuses messages that end with nothing to answer", async () => {
  const messages = [{ role: "system", content: "Be kind." }];
  expect(await refused(await post(handler, "/chat", { messages }), 400)).toMatch(/to answer/);
});

test("POST /chat refuses an unknown toolset, and numbers of steps that make no sense", async () => {
  const ask = (change: object): Promise<Response> =>
    post(handler, "/chat", { ...GOOD["/chat"], ...change });
  for (const toolset of ["nope", "__proto__", "constructor"]) {
    expect(await refused(await ask({ toolset }), 400)).toMatch(/unknown toolset/);
  }
  expect(await refused(await ask({ toolset: 1 }), 400)).toMatch(/toolset must be a string/);
  for (const maxSteps of [0, -1, 1.5, 51, "3", 1e9]) {
    expect(await refused(await ask({ maxSteps }), 400)).toMatch(/maxSteps/);
  }
});

test("options that make no sense are refused at once", () => {
  const bad =
    (conversation: unknown): (() => unknown) =>
    () =>
      createStreamHandler({ ...options, conversation } as typeof options);
  expect(bad({})).toThrow(TypeError);
  expect(bad({ store })).toThrow(/ConversationStore/);
  expect(bad({ store: conversations, maxMessages: 0 })).toThrow(/maxMessages/);
});

test("the prefix of another family of handlers works as well", async () => {
  const other = createStreamHandler({ ...options, prefix: "/__aibind__" });
  const url = "http://a.test/__aibind__/complete";
  const response = await other(new Request(url, { method: "POST", body: '{"input":"hi"}' }));
  expect(await response.text()).toBe("hi");
});
