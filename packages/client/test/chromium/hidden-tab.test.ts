import { setTimeout as sleep } from "node:timers/promises";
import { freePort, launchChromium, startTcpProxy } from "@streambed/test-kit";
import { expect, test, vi } from "vitest";
import { between, since } from "./support/logs.ts";
import type { Entry } from "./support/page.ts";
import { openPlainTab } from "./support/plain-tab.ts";
import { seqsOf, startSite, textOf } from "./support/site.ts";
import { until } from "./support/until.ts";

vi.setConfig({ testTimeout: 40_000 });

const QUESTION = { chunks: 120, everyMs: 40 };
const RETRY_MS = 30_000;

test("reads on as soon as its tab is shown, when the connection was cut behind another", async () => {
  await using site = await startSite();
  await using network = await startTcpProxy({ ...site, protocol: "http" });
  const port = await freePort();
  await using _ = await launchChromium({ args: [`--remote-debugging-port=${port}`] });
  const tab = await openPlainTab(port, network.url);
  const log = (): Promise<Entry[]> => tab.evaluate("lab.log");
  const last = async (): Promise<string | undefined> => (await log()).at(-1)?.what;
  await until(() => tab.evaluate("typeof lab")).toBe("object");
  await tab.evaluate(`lab.ask(${JSON.stringify(QUESTION)}, ${RETRY_MS})`);
  await until(() => tab.evaluate("lab.seqs.length")).toBeGreaterThan(10);

  await openPlainTab(port, "about:blank");
  await until(last).toBe("hidden");
  network.cut();
  await until(last).toBe("reconnecting");
  await sleep(1_500);
  expect(await last()).toBe("reconnecting");
  await tab.show();

  await until(() => tab.evaluate("lab.end")).toBe("done");
  const seen = await log();
  expect(since(seen, "hidden")).toEqual([
    "hidden",
    "reconnecting",
    "visible",
    "streaming",
    "ended",
  ]);
  expect(between(seen, "visible", "streaming")).toBeLessThan(RETRY_MS / 10);
  expect(await tab.evaluate("lab.seqs")).toEqual(seqsOf(QUESTION));
  expect(await tab.evaluate("lab.text")).toBe(textOf(QUESTION));
});
