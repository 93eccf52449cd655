import { expect, test } from "vitest";
import { copyFixture } from "./support/fixture-app.ts";
import { open } from "./support/open.ts";

test("a stream flows in `vite dev`, too", { timeout: 60_000 }, async () => {
  await using app = await copyFixture();
  await using running = await app.startDev();
  const { url } = running;
  const say = (text: string | null): Promise<Response> => {
    const headers = { "content-type": "application/json" };
    return fetch(`${url}/say`, { method: "POST", headers, body: JSON.stringify({ text }) });
  };
  const reader = await open(`${url}/s/stream`, "POST", "one");
  await reader.until("id: 1\ndata: one\n\n");
  await say("two");
  await reader.until("id: 2\ndata: two\n\n");
  const route = await open(`${url}/api/s/stream`, "GET");
  expect(route.response.statusCode).toBe(404);
  await say(null);
  await reader.until("event: done");
});
