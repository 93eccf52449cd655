import { MemoryStreamStore } from "@streambed/memory";
import { afterEach, describe, expect, test } from "vitest";
import { createStreamHandler } from "../src/index.ts";
import { get, linesOf, post } from "./support/client.ts";
import { finishParts, scriptedModel, textParts } from "./support/scripted-model.ts";

class OpenStore extends MemoryStreamStore {
  get ids(): string[] {
    return [...this.streams.keys()];
  }
}

const store = new OpenStore();
const says = (text: string) => scriptedModel("v3", [...textParts(text), ...finishParts()]);
const first = says("first");
const second = says("second");
const models = { first: first.model, second: second.model };
const handler = createStreamHandler({ models, store });

/** The error of a refused request, after which nothing may have been created. */
async function refused(response: Response, status: number): Promise<string> {
  expect(response.headers.get("content-type")).toBe("application/json");
  const body = (await response.json()) as { error: string; code?: string };
  expect([response.status, body]).toEqual([
    status,
    expect.objectContaining({ error: expect.any(String) }),
  ]);
  expect(store.ids).toEqual([]);
  return body.code ?? body.error;
}

async function started(): Promise<string> {
  const response = await post(handler, "/stream", { prompt: "hi" });
  await response.text();
  return response.headers.get("x-stream-id") ?? "";
}

const forgetAll = (): Promise<unknown> => Promise.all(store.ids.map((id) => store.delete(id)));
afterEach(forgetAll);

describe("POST /stream", () => {
  test.each([
    ["no prompt", {}],
    ["null", { prompt: null }],
    ["a number", { prompt: 1 }],
    ["a list", { prompt: ["hi"] }],
    ["nothing", { prompt: "" }],
    ["white space", { prompt: " \n\t\u00a0\u3000 " }],
  ])("refuses a prompt that is %s", async (_, body) => {
    expect(await refused(await post(handler, "/stream", body), 400)).toMatch(/^prompt/);
  });

  test.each(["", "prompt=hi", "{", '{"prompt":"hi"', '{"prompt":"hi"} x', "undefined"])(
    "refuses a body that is not JSON: %j",
    async (body) => {
      expect(await refused(await post(handler, "/stream", body), 400)).toMatch(/JSON/);
    },
  );

  test.each(["[]", '["hi"]', "null", '"hi"', "7", "true"])(
    "refuses a body that is not an object: %s",
    async (body) => {
      expect(await refused(await post(handler, "/stream", body), 400)).toMatch(/object/);
    },
  );

  test("refuses a body that is not UTF-8", async () => {
    const body = new Uint8Array([
      ...new TextEncoder().encode('{"prompt":"'),
      0xff,
      0xfe,
      0x22,
      0x7d,
    ]);
    expect(await refused(await post(handler, "/stream", "", { body }), 400)).toMatch(/UTF-8/);
  });

  test.each(["system", "model", "sessionId"])(
    "refuses a `%s` that is not a string",
    async (name) => {
      for (const value of [1, {}, [], true]) {
        const response = await post(handler, "/stream", { prompt: "hi", [name]: value });
        expect(await refused(response, 400)).toBe(`${name} must be a string`);
      }
    },
  );

  test.each(["third", "", "__proto__", "constructor", "toString", "hasOwnProperty", "First", "0"])(
    "knows no model %j",
    async (model) => {
      const body = `{"prompt":"hi","model":${JSON.stringify(model)}}`;
      expect(await refused(await post(handler, "/stream", body), 400)).toMatch(/^unknown model/);
    },
  );

  test("asks the named model, or else the first", async () => {
    const ask = async (body: object) =>
      (await linesOf(await post(handler, "/stream", { prompt: "hi", ...body })))[0];
    expect(await ask({})).toBe("first");
    expect(await ask({ model: null })).toBe("first");
    expect(await ask({ model: "first" })).toBe("first");
    expect(await ask({ model: "second" })).toBe("second");
  });

  test("knows a single model as `default`", async () => {
    const single = createStreamHandler({ model: first.model, store });
    expect((await post(single, "/stream", { prompt: "hi", model: "default" })).status).toBe(200);
    expect((await post(single, "/stream", { prompt: "hi", model: "first" })).status).toBe(400);
  });
});

describe("the size of a body", () => {
  const mebibyte = 1_048_576;
  const bodyOf = (bytes: number) => {
    const [begin, end] = ['{"prompt":"', '"}'];
    return begin + "x".repeat(bytes - begin.length - end.length) + end;
  };
  const streamed = (pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => {
    const seen = { pulls: 0, cancelled: false };
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          seen.pulls++;
          pull(controller);
        },
        cancel() {
          seen.cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return { seen, init: { body, duplex: "half" } as RequestInit };
  };

  test("1 MiB is taken, a byte more is not", async () => {
    expect((await post(handler, "/stream", bodyOf(mebibyte))).status).toBe(200);
    await forgetAll();
    await refused(await post(handler, "/stream", bodyOf(mebibyte + 1)), 413);
    await refused(await post(handler, "/stream", `"${"é".repeat(mebibyte / 2)}"`), 413);
  });

  test("a body without end is read no further than needed", async () => {
    const { seen, init } = streamed((controller) => controller.enqueue(new Uint8Array(65_536)));
    await refused(await post(handler, "/stream", "", init), 413);
    expect(seen).toEqual({ pulls: 17, cancelled: true });
  });

  test("a content-length that tells is believed, one that lies is not", async () => {
    const long = streamed(() => {});
    const headers = { "content-length": String(mebibyte + 1) };
    await refused(await post(handler, "/stream", "", { ...long.init, headers }), 413);
    expect(long.seen.pulls).toBe(0);
    const lying = streamed((controller) => controller.enqueue(new Uint8Array(65_536)));
    const init = { ...lying.init, headers: { "content-length": "10" } };
    await refused(await post(handler, "/stream/stop", "", init), 413);
  });

  test("a body that breaks off is not the application's failure", async () => {
    const { init } = streamed((controller) => controller.error(new Error("aborted")));
    expect(await refused(await post(handler, "/stream", "", init), 400)).toMatch(/cut off/);
  });

  test("`maxBodyBytes`", async () => {
    const small = createStreamHandler({ models, store, maxBodyBytes: 20 });
    expect((await post(small, "/stream", '{"prompt":"1234567"}')).status).toBe(200);
    expect((await post(small, "/stream", '{"prompt":"12345678"}')).status).toBe(413);
  });
});

describe("GET /stream/resume", () => {
  test("refuses an id that is missing, bad or unknown", async () => {
    expect(await refused(await get(handler, "/stream/resume"), 400)).toBe("id is missing");
    for (const id of ["", "a%0Ab", "*", "a*", "[ab]", "%00", "x".repeat(257), "é"]) {
      expect(await refused(await get(handler, `/stream/resume?id=${id}`), 400)).toBe("INVALID_ID");
    }
    const unknown = await get(handler, `/stream/resume?id=${crypto.randomUUID()}`);
    expect(await refused(unknown, 404)).toBe("NOT_FOUND");
  });

  test.each(["-2", "NaN", "1.5", "2junk", "1e9", "0x1", " 1", "01", "", "99", "9".repeat(40)])(
    "refuses the cursor %j, from the query and from the header",
    async (cursor) => {
      const id = await started();
      const after = encodeURIComponent(cursor);
      const byQuery = await get(handler, `/stream/resume?id=${id}&after=${after}`);
      expect([byQuery.status, await byQuery.json()]).toMatchObject([
        400,
        { code: "INVALID_CURSOR" },
      ]);
      if (cursor !== cursor.trim()) return;
      const headers = { "last-event-id": cursor };
      const byHeader = await get(handler, `/stream/resume?id=${id}&after=1`, headers);
      expect(byHeader.status).toBe(400);
    },
  );

  test("reads on from the header rather than from the query", async () => {
    const id = await started();
    const headers = { "last-event-id": "2" };
    expect(await linesOf(await get(handler, `/stream/resume?id=${id}&after=0`, headers))).toEqual([
      "[done]",
    ]);
  });

  test("HEAD says what GET would, without a body", async () => {
    const id = await started();
    const ask = (search: string) =>
      handler(
        new Request(`http://a.test/__streambed__/stream/resume${search}`, { method: "HEAD" }),
      );
    const found = await ask(`?id=${id}`);
    expect([found.status, found.body, found.headers.get("x-stream-id")]).toEqual([200, null, id]);
    const unknown = await ask("?id=nope");
    expect([unknown.status, unknown.body]).toEqual([404, null]);
  });
});

describe("POST /stream/stop", () => {
  test("refuses an id that is missing, bad or unknown", async () => {
    for (const body of [{}, { id: 1 }, { id: null }]) {
      expect(await refused(await post(handler, "/stream/stop", body), 400)).toBe(
        "id must be a string",
      );
    }
    for (const id of ["", "a\nb", "*", "x".repeat(257)]) {
      expect(await refused(await post(handler, "/stream/stop", { id }), 400)).toBe("INVALID_ID");
    }
    expect(await refused(await post(handler, "/stream/stop", "nope"), 400)).toMatch(/JSON/);
    expect(await refused(await post(handler, "/stream/stop", { id: "nope" }), 404)).toBe(
      "NOT_FOUND",
    );
  });

  test("of an answer that has ended changes nothing", async () => {
    const id = await started();
    const response = await post(handler, "/stream/stop", { id });
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
    expect(await store.getStatus(id)).toMatchObject({ state: "done" });
  });
});
