import { existsSync } from "node:fs";
import type { Browser, LaunchOptions } from "playwright-core";
import { findOnPath } from "./find-on-path.ts";
import { runCommand } from "./run-command.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const INSTALL_TIMEOUT_MS = 300_000;
/** As root, Chromium runs only without its sandbox; the rest keeps it from using the network on its own. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * A Chromium of this machine; on Debian and Ubuntu root gets it installed, since playwright's own download needs a server
 * that not every machine reaches. Otherwise throws an error that names the ways to help.
 */
export async function chromiumPath(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given && !existsSync(given)) throw new Error(`CHROMIUM_PATH names no file: ${given}`);
  const found = given || findOnPath(...NAMES) || (existsSync(MAC) ? MAC : undefined);
  if (found) return found;
  const failure = await installChromium();
  const installed = findOnPath(...NAMES);
  if (installed) return installed;
  const ways = [
    "These tests need a Chromium, and none was found. Any one of these helps:",
    "- set CHROMIUM_PATH to the program",
    `- put one of ${NAMES.join(", ")} on PATH`,
    "- on Debian: apt-get install chromium (done by itself when the tests run as root)",
    ...(failure ? [`What went wrong: ${failure}`] : []),
  ];
  throw new Error(ways.join("\n"));
}

/** A headless browser; close it after use. */
export async function launchChromium(
  options: Pick<LaunchOptions, "args" | "ignoreDefaultArgs"> = {},
): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const executablePath = await chromiumPath();
  const args = [...FLAGS, ...(options.args ?? [])];
  return chromium.launch({ ...options, executablePath, headless: true, args });
}

/** @returns why it did not work, if it did not */
async function installChromium(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !findOnPath("apt-get")) return undefined;
  const options = { timeoutMs: INSTALL_TIMEOUT_MS, env: { DEBIAN_FRONTEND: "noninteractive" } };
  const update = await runCommand("apt-get", ["-q", "update"], options);
  const install = await runCommand(
    "apt-get",
    ["-q", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", "chromium"],
    options,
  );
  return install.code === 0
    ? undefined
    : (update.output + install.output).trim().split("\n").slice(-8).join("\n");
}
