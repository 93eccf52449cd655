import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Http2Server } from "node:http2";
import { describe, expect, test } from "vitest";
import { streambed } from "../src/index.ts";
import type { NodeMiddleware } from "../src/index.ts";
import { fetchText } from "./support/exchange.ts";
import { listen } from "./support/frameworks.ts";
import { handlerOf } from "./support/scripted-handler.ts";
import { expectSilence } from "./support/silence.ts";

expectSilence();

describe.each<{ name: string; create: (listener: NodeMiddleware) => Server | Http2Server }>([
  { name: "node:http", create: (listener) => createServer(listener) },
  { name: "node:http2", create: (listener) => createHttp2Server(listener) },
])("$name", ({ create }) => {
  const failing = streambed(handlerOf(() => Promise.reject(new Error("session store down"))));

  test("an error is 500, and says no more", async () => {
    const server = await listen(create(failing));
    expect(await fetchText(server, "/s")).toMatchObject({
      status: 500,
      headers: { "content-type": "application/json" },
      text: '{"error":"internal server error"}',
    });
  });

  test("what throws instead of rejecting too", async () => {
    const answer = (): never => {
      throw new Error("session store down");
    };
    const server = await listen(create(streambed(Object.assign(answer, { prefix: "/s" }))));
    expect(await fetchText(server, "/s")).toMatchObject({ status: 500 });
  });

  test("everything else is 404", async () => {
    const server = await listen(create(failing));
    expect(await fetchText(server, "/")).toMatchObject({
      status: 404,
      text: '{"error":"there is nothing here"}',
    });
  });

  test("a third argument takes errors and everything else", async () => {
    const seen: unknown[] = [];
    const server = await listen(
      create((req, res) =>
        failing(req, res, (error) => {
          seen.push(error);
          res.end("the app's");
        }),
      ),
    );
    expect(await fetchText(server, "/other")).toMatchObject({ status: 200, text: "the app's" });
    expect(await fetchText(server, "/s")).toMatchObject({ text: "the app's" });
    expect(seen).toMatchObject([undefined, { message: "session store down" }]);
  });
});
