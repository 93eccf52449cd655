import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket } from "node:net";
import { killWithParent } from "./kill-with-parent.ts";
import type { RedisBinary } from "./redis-binary.ts";
import type { RedisHost, RedisNode, RedisNodeOptions } from "./redis-host.ts";

const LOG_LINES = 40;

/** Runs servers as child processes, each with its files in a temporary folder. None outlives this process. */
export function openProcessHost(binary: RedisBinary): RedisHost {
  const nodes: RedisNode[] = [];
  const folders: string[] = [];
  return {
    async start(options) {
      const folder = await mkdtemp(join(tmpdir(), "streambed-redis-"));
      folders.push(folder);
      const node = await startProcess(binary, folder, options);
      nodes.push(node);
      return node;
    },
    async close() {
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

async function startProcess(
  binary: RedisBinary,
  folder: string,
  { port, config, args }: RedisNodeOptions,
): Promise<RedisNode> {
  const file = join(folder, "redis.conf");
  await writeFile(file, `bind 127.0.0.1\nport ${port}\nsave ""\nappendonly no\n${config ?? ""}\n`);
  const env = { ...process.env, ...binary.env };
  const child = spawn(binary.server, [file, ...(args ?? [])], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const readLog = collectLines(child);
  await once(child, "spawn");
  const pid = child.pid as number;
  const callOffGuard = killWithParent(pid, folder);
  child.once("exit", callOffGuard);
  letParentExit(child);
  const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    hasExited,
    log: async () => readLog(),
    async kill() {
      if (hasExited()) return;
      const exited = once(child, "exit");
      child.ref();
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** A forgotten server must not keep the process that started it alive: it ends with that process instead. */
function letParentExit(child: ChildProcess): void {
  child.unref();
  for (const pipe of [child.stdout, child.stderr]) (pipe as Socket | null)?.unref();
}

function collectLines(child: ChildProcess): () => string {
  let text = "";
  for (const pipe of [child.stdout, child.stderr]) {
    pipe?.on("data", (chunk: Buffer) => {
      text = (text + String(chunk)).split("\n").slice(-LOG_LINES).join("\n");
    });
  }
  return () => text.trimEnd();
}
