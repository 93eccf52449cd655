import { StreamError } from "@streambed/core/contracts";
import type { ScriptRunner } from "./redis-driver.ts";
import { serverScript } from "./scripts.generated.ts";

/** What needs which version of Redis. Every Valkey is new enough. */
export interface ServerNeed {
  who: string;
  major: number;
  minor: number;
}

const LEAST: ServerNeed = { who: "Streambed", major: 6, minor: 2 };

/** `run`, which beside its first script asks the server what it is. One that will not tell is believed. */
export function checkedAtFirstUse(run: ScriptRunner, need: ServerNeed = LEAST): ScriptRunner {
  let check: Promise<void> | undefined;
  let isDone = false;
  const checked: ScriptRunner = async (script, keys, args) => {
    const checking = (check ??= assertVersion(run, keys, need).then(
      () => void (isDone = true),
      (error: unknown) => {
        check = undefined;
        if (StreamError.is(error)) throw error;
      },
    ));
    const reply = run(script, keys, args);
    // What an older server makes of our scripts says less than what it is.
    await Promise.allSettled([reply, checking]);
    await checking;
    return reply;
  };
  return (script, keys, args) => (isDone ? run : checked)(script, keys, args);
}

/** @param keys say which node of a cluster is asked */
async function assertVersion(run: ScriptRunner, keys: string[], need: ServerNeed): Promise<void> {
  const [, version] = await run(serverScript, keys, []);
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(String(version)) ?? [];
  if (major === undefined) return;
  const isOld =
    Number(major) < need.major || (Number(major) === need.major && Number(minor) < need.minor);
  if (!isOld) return;
  throw new StreamError(
    "UNSUPPORTED",
    `this server is Redis ${version}: ${need.who} needs Redis ${need.major}.${need.minor} or Valkey 7.2`,
  );
}
