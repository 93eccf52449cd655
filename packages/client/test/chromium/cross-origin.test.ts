import { launchChromium, startTcpProxy } from "@streambed/test-kit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { seqsOf, startSite, textOf } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 20_000 });

const QUESTION = { chunks: 30, everyMs: 40 };

let browser: Browser;
let app: Site;
let page: Page;
beforeAll(async () => {
  browser = await launchChromium();
  app = await startSite();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await app[Symbol.asyncDispose]();
});
beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(app.url);
});

const ask = (url: string): Promise<void> =>
  page.evaluate(([question, at]) => lab.ask(question, 0, at), [QUESTION, `${url}/stream`] as const);

test("an answer of another origin is read on, with its cursor", async () => {
  await using api = await startSite({ exposes: "x-stream-id" });
  await using network = await startTcpProxy({ ...api, protocol: "http" });
  await ask(network.url);
  await until(() => page.evaluate(() => lab.seqs.length)).toBeGreaterThan(5);
  network.cut();
  await until(() => page.evaluate(() => lab.end)).toBe("done");
  const { seqs, text } = await page.evaluate(() => lab);
  expect([seqs, text]).toEqual([seqsOf(QUESTION), textOf(QUESTION)]);
  expect(api.cursors).toEqual([0, expect.any(Number)]);
  expect(api.cursors[1]).toBeGreaterThan(5);
});

test("where that origin does not say whose the answer is, the error says how it would", async () => {
  await using api = await startSite({ exposes: "date" });
  await expect(ask(api.url)).rejects.toThrow("it must expose x-stream-id");
});

test("where it may not be asked at all, that is an error too, and soon", async () => {
  await using api = await startSite();
  await expect(ask(api.url)).rejects.toThrow("could not be begun");
});
