import { StreamError } from "@streambed/core/contracts";
import type { ScriptRunner } from "@streambed/redis-driver";
import { serverScript } from "./scripts.generated.ts";

const LEAST = { major: 6, minor: 2 };

/** `run`, which beside its first script asks the server what it is. One that will not tell is believed. */
export function checkedAtFirstUse(run: ScriptRunner): ScriptRunner {
  let check: Promise<void> | undefined;
  let isDone = false;
  const checked: ScriptRunner = async (script, keys, args) => {
    check ??= assertVersion(run, keys).then(
      () => void (isDone = true),
      (error: unknown) => {
        check = undefined;
        if (StreamError.is(error)) throw error;
      },
    );
    const [reply] = await Promise.all([run(script, keys, args), check]);
    return reply;
  };
  return (script, keys, args) => (isDone ? run : checked)(script, keys, args);
}

/** @param keys say which node of a cluster is asked */
async function assertVersion(run: ScriptRunner, keys: string[]): Promise<void> {
  const [, version] = await run(serverScript, keys, []);
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(String(version)) ?? [];
  if (major === undefined) return;
  const isOld =
    Number(major) < LEAST.major || (Number(major) === LEAST.major && Number(minor) < LEAST.minor);
  if (!isOld) return;
  throw new StreamError(
    "UNSUPPORTED",
    `this server is Redis ${version}: Streambed needs Redis ${LEAST.major}.${LEAST.minor} or Valkey 7.2`,
  );
}
