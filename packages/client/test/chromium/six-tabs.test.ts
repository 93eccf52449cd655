import { launchChromium } from "@streambed/test-kit";
import type { Browser, Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { startSite, textOf } from "./support/site.ts";
import type { Question, Site } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 40_000 });

/** Six tabs with one answer: all the connections that Chromium has for one server over HTTP/1.1. */
async function openSixTabs(
  browser: Browser,
  site: Site,
  question: Question,
): Promise<{ first: Page; pages: Page[] }> {
  const context = await browser.newContext();
  const first = await context.newPage();
  const others = await Promise.all(Array.from({ length: 5 }, () => context.newPage()));
  const pages = [first, ...others];
  await Promise.all(pages.map((page) => page.goto(`${site.url}/?chat=a`)));
  await first.evaluate((body) => void chat("a").start(body), question);
  await until(() => first.evaluate(() => chat("a").snapshot.seq)).toBeGreaterThan(0);
  const id = await first.evaluate(() => chat("a").snapshot.id);
  for (const page of others) await page.evaluate((known) => void chat("a").resume(known), id);
  await until(() => site.readers).toBe(6);
  return { first, pages };
}

const endOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { state } = chat("a").snapshot;
    return state.phase === "ended" ? state.end : "";
  });
const end = (pages: Page[], state: string): Promise<void[]> =>
  Promise.all(pages.map((page) => until(() => endOf(page)).toBe(state)));
const textsIn = (pages: Page[]): Promise<string[]> =>
  Promise.all(pages.map((page) => page.evaluate(() => chat("a").snapshot.text)));

test("six tabs each get the whole answer, over HTTP/1.1 too", async () => {
  await using site = await startSite();
  await using browser = await launchChromium();
  const question = { chunks: 60, everyMs: 40 };
  const { pages } = await openSixTabs(browser, site, question);
  await end(pages, "done");
  expect(await textsIn(pages)).toEqual(pages.map(() => textOf(question)));
});

test("a stop gets through where six tabs read, and ends the answer in all of them", async () => {
  await using site = await startSite();
  await using browser = await launchChromium();
  const { first, pages } = await openSixTabs(browser, site, { chunks: 1_000, everyMs: 40 });
  await first.evaluate(() => chat("a").stop());
  await end(pages, "stopped");
  const [text, ...others] = await textsIn(pages);
  expect(others).toEqual(others.map(() => text));
});
