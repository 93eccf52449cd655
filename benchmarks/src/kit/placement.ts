import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { RedisServer } from "@streambed/test-kit";

/** Where Redis runs, seen from this process. */
export type Placement = "another core" | "the same core";

/**
 * Both, where the system lets us choose. Two processes that talk by turns are put on one core or on two as
 * the scheduler sees fit, and a command takes 20 µs or 80 accordingly: not to choose is to measure that.
 */
export const PLACEMENTS: readonly Placement[] = ["another core", "the same core"];

/** Puts this process and Redis where `placement` says. Returns where they are, as far as that is known. */
export async function place(redis: RedisServer, placement: Placement): Promise<string> {
  try {
    await pin(process.pid, 0);
    await pin(redis.pid!, placement === "another core" ? 1 : 0);
    await sleep(50);
    return `Redis on ${placement}`;
  } catch {
    return "Redis on any core";
  }
}

/** All threads of a process to one core. Linux only. */
async function pin(pid: number, core: number): Promise<void> {
  await promisify(execFile)("taskset", ["-acp", String(core), String(pid)]);
}
