import { launchChromium } from "@streambed/test-kit";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, afterEach, expect, test, vi } from "vitest";
import type { Question, Site } from "./support/site.ts";
import { startSite, textOf } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 40_000 });

const LONG = { chunks: 60, everyMs: 40 };
const SHORT = { chunks: 5, everyMs: 40 };

let site: Site;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What went wrong in pages. */
const pageErrors: unknown[] = [];

beforeAll(async () => {
  site = await startSite();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await site[Symbol.asyncDispose]();
});
beforeEach(async () => {
  pageErrors.length = 0;
  context = await browser.newContext({ baseURL: site.url });
  context.on("weberror", (error) => void pageErrors.push(error.error()));
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  expect(pageErrors).toEqual([]);
});

const start = (name: string, question: Question): Promise<void> =>
  page.evaluate(([to, body]) => void chat(to).start(body), [name, question] as const);
const seqOf = (name: string): Promise<number> => page.evaluate((of) => chat(of).snapshot.seq, name);
const phaseOf = (name: string): Promise<string> =>
  page.evaluate((of) => chat(of).snapshot.state.phase, name);
const textIn = (name: string): Promise<string> =>
  page.evaluate((of) => chat(of).snapshot.text, name);
const kept = (): Promise<string[]> => page.evaluate(() => Object.keys(sessionStorage));

test("a page that keeps nothing goes on after a reload by itself, each chat for itself", async () => {
  await page.goto("/?chat=a&chat=b");
  expect(await kept()).toEqual([]);
  await start("a", LONG);
  await start("b", SHORT);
  await until(() => phaseOf("b")).toBe("ended");
  await until(() => seqOf("a")).toBeGreaterThan(15);
  expect(await kept()).toEqual(["streambed:/stream a"]);

  await page.reload();
  await until(() => phaseOf("a")).toBe("streaming");
  await until(() => phaseOf("a")).toBe("ended");
  expect(await textIn("a")).toBe(textOf(LONG));
  expect([await phaseOf("b"), await textIn("b")]).toEqual(["idle", ""]);
  expect(await kept()).toEqual([]);
  await page.reload();
  expect([await phaseOf("a"), await textIn("a")]).toEqual(["idle", ""]);
});

test("storage that is forbidden disturbs nothing", async () => {
  await page.goto("/?chat=a&forbidden");
  await start("a", SHORT);
  await until(() => phaseOf("a")).toBe("ended");
  expect(await textIn("a")).toBe(textOf(SHORT));
  await page.reload();
  expect([await phaseOf("a"), await textIn("a")]).toEqual(["idle", ""]);
});
