import { setTimeout as sleep } from "node:timers/promises";
import { launchChromium } from "@streambed/test-kit";
import type { Page } from "playwright-core";
import { expect, test, vi } from "vitest";
import { between, since } from "./support/logs.ts";
import { seqsOf, startSite, textOf } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 40_000 });

/** Within a second more than Chromium takes in for a page that nobody looks at. */
const QUESTION = { chunks: 80, everyMs: 50, length: 50_000 };
const RETRY_MS = 30_000;
/** By itself playwright switches the cache off. */
const WITH_CACHE = { ignoreDefaultArgs: ["--disable-back-forward-cache"] };

/** Asks, goes elsewhere in mid-answer, and comes back. Returns how many connections were open elsewhere. */
async function leaveAndComeBack(page: Page, site: Site): Promise<number> {
  await page.goto(site.url);
  await page.evaluate(([question, retryMs]) => lab.ask(question, retryMs), [
    QUESTION,
    RETRY_MS,
  ] as const);
  await until(() => page.evaluate(() => lab.seqs.length)).toBeGreaterThan(5);
  await page.goto(`${site.url}/elsewhere`);
  await sleep(1_500);
  const { readers } = site;
  await page.goBack({ waitUntil: "commit" });
  return readers;
}

test("closes its connection with the page, which comes back whole from the cache and reads on", async () => {
  await using site = await startSite();
  await using browser = await launchChromium(WITH_CACHE);
  const page = await browser.newPage();

  expect(await leaveAndComeBack(page, site)).toBe(0);
  await until(() => page.evaluate(() => lab.end)).toBe("done");
  const { log, seqs, text } = await page.evaluate(() => lab);
  const changes = since(log, "pagehide true");
  expect(changes.slice(0, 2)).toEqual(["pagehide true", "reconnecting"]);
  expect(changes).toContain("pageshow true");
  expect(changes.slice(-2)).toEqual(["streaming", "ended"]);
  // It is shown first, and `pageshow` comes right after.
  expect(between(log, "visible", "streaming")).toBeLessThan(RETRY_MS / 10);
  expect(seqs).toEqual(seqsOf(QUESTION));
  expect(text === textOf(QUESTION)).toBe(true);
});

test("would lose its place in the cache if it kept the connection", async () => {
  await using site = await startSite();
  await using browser = await launchChromium(WITH_CACHE);
  const page = await browser.newPage();
  // What the client listens to ends by a signal.
  await page.addInitScript(() => {
    const { addEventListener: listen } = globalThis;
    const deaf = (...[type, listener, options]: Parameters<typeof listen>): void => {
      const isClient = typeof options === "object" && options.signal;
      if (type !== "pagehide" || !isClient) listen(type, listener, options);
    };
    globalThis.addEventListener = deaf;
  });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Page.enable");
  const reasons: string[] = [];
  devtools.on("Page.backForwardCacheNotUsed", ({ notRestoredExplanations }) =>
    reasons.push(...notRestoredExplanations.map(({ reason }) => reason)),
  );

  await leaveAndComeBack(page, site);
  await page.waitForFunction(() => lab.log.length > 0);
  expect(await page.evaluate(() => lab.log.map(({ what }) => what))).toEqual(["pageshow false"]);
  expect(reasons).toContain("NetworkExceedsBufferLimit");
});
