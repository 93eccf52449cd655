import { setTimeout as sleep } from "node:timers/promises";
import { launchChromium, startTcpProxy } from "@streambed/test-kit";
import { expect, test, vi } from "vitest";
import { between } from "./support/logs.ts";
import { seqsOf, startSite, textOf } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 40_000 });

const QUESTION = { chunks: 160, everyMs: 40 };
const RETRY_MS = 30_000;

test("reads on as soon as the network is back, whatever pause was left", async () => {
  await using site = await startSite();
  await using network = await startTcpProxy({ ...site, protocol: "http" });
  await using browser = await launchChromium();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(network.url);
  await page.evaluate(([question, retryMs]) => lab.ask(question, retryMs), [
    QUESTION,
    RETRY_MS,
  ] as const);
  const seq = (): Promise<number> => page.evaluate(() => lab.seqs.length);
  await until(seq).toBeGreaterThan(10);

  // Being offline stops what is new in Chromium; a network that is gone stops what was open as well.
  await context.setOffline(true);
  network.cut();
  await until(() => page.evaluate(() => lab.log.at(-1)?.what)).toBe("reconnecting");
  const before = await seq();
  await sleep(5_000);
  expect(await seq()).toBe(before);
  await context.setOffline(false);

  await until(() => page.evaluate(() => lab.end)).toBe("done");
  const { log, seqs, text } = await page.evaluate(() => lab);
  expect(between(log, "online", "streaming")).toBeLessThan(RETRY_MS / 10);
  expect(log.map(({ what }) => what).slice(-5)).toEqual([
    "streaming",
    "reconnecting",
    "online",
    "streaming",
    "ended",
  ]);
  expect(site.cursors).toEqual([0, before]);
  expect([seqs, text]).toEqual([seqsOf(QUESTION), textOf(QUESTION)]);
});
