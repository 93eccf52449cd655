import { randomBytes } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import {
  askRedis,
  pollUntil,
  RespConnection,
  RespError,
  sharedRedis,
  startCluster,
  startRedis,
  startSentinel,
} from "@streambed/test-kit";
import { setup } from "../src/vitest-redis.ts";

afterEach(() => vi.unstubAllEnvs());

test("a single server: PONG, bytes, errors, pipeline; gone after stop", async () => {
  const redis = await startRedis({ args: ["--maxmemory", "10mb"] });
  await using connection = await RespConnection.open(redis);
  expect(await connection.command("PING")).toBe("PONG");
  const bytes = randomBytes(300_000);
  expect(await connection.command("SET", "bytes", bytes)).toBe("OK");
  expect(await connection.command("GET", "bytes")).toEqual(bytes);
  await expect(connection.command("LPUSH", "bytes", "x")).rejects.toThrow(RespError);
  expect(await Promise.all([1, 2, 3].map(() => connection.command("INCR", "n")))).toEqual([
    1, 2, 3,
  ]);
  expect(String(await connection.command("CONFIG", "GET", "maxmemory"))).toBe("maxmemory,10485760");
  expect(String(await connection.command("CONFIG", "GET", "save"))).toBe("save,");
  await redis.stop();
  await expect(connection.command("PING")).rejects.toThrow(/closed|reset/i);
  await expect(askRedis(redis, "PING")).rejects.toThrow(/ECONNREFUSED/);
});

test("kill is a crash, and the port can be used again", async () => {
  await using first = await startRedis();
  await first.kill();
  await using second = await startRedis({ port: first.port });
  expect(second.port).toBe(first.port);
  expect(await askRedis(second, "PING")).toBe("PONG");
});

test("a server that cannot start says why", async () => {
  await expect(startRedis({ args: ["--no-such-option", "1"] })).rejects.toThrow(
    /ended before it answered[^]*no-such-option/,
  );
  await using redis = await startRedis();
  await expect(startRedis({ port: redis.port })).rejects.toThrow(/Address already in use/);
});

test("sharedRedis is REDIS_URL's server where that is set, and leaves it running", async () => {
  await using own = await startRedis();
  vi.stubEnv("REDIS_URL", own.url);
  const shared = await sharedRedis();
  expect(shared).toMatchObject({ url: own.url, host: own.host, port: own.port });
  await shared.stop();
  expect(await askRedis(own, "PING")).toBe("PONG");
});

test("the vitest setup provides the URL of a server and stops it", async () => {
  vi.stubEnv("REDIS_URL", undefined);
  const provided: Record<string, string> = {};
  const project = { provide: (key: string, value: string) => void (provided[key] = value) };
  const teardown = await setup(project as unknown as Parameters<typeof setup>[0]);
  const { hostname: host, port } = new URL(provided.redisUrl ?? "");
  expect(await askRedis({ host, port: Number(port) }, "PING")).toBe("PONG");
  await teardown();
  await expect(askRedis({ host, port: Number(port) }, "PING")).rejects.toThrow(/ECONNREFUSED/);
});

test("Valkey", async () => {
  await using valkey = await startRedis({ flavour: "valkey" });
  expect(await askRedis(valkey, "PING")).toBe("PONG");
  expect(String(await askRedis(valkey, "INFO", "server"))).toContain("server_name:valkey");
});

test("a cluster: every node redirects to the owner of a key, and keeps what it owns", async () => {
  await using cluster = await startCluster({ replicasPerMaster: 1 });
  expect(cluster.masters).toHaveLength(3);
  expect(cluster.replicas).toHaveLength(3);
  const owners = new Set<number>();
  for (const key of ["a", "b", "c", "{a}d"]) {
    const replies = await Promise.all(
      cluster.masters.map((node) => askRedis(node, "SET", key, key).catch(String)),
    );
    expect(replies.filter((reply) => reply === "OK")).toHaveLength(1);
    const owner = cluster.masters[replies.indexOf("OK")] ?? cluster.masters[0];
    if (!owner) throw new Error("no master");
    for (const reply of replies)
      if (reply !== "OK") expect(reply).toMatch(new RegExp(`MOVED \\d+ 127.0.0.1:${owner.port}$`));
    expect(String(await askRedis(owner, "GET", key))).toBe(key);
    owners.add(owner.port);
  }
  expect(owners.size).toBe(3);
  for (const replica of cluster.replicas)
    expect(String(await askRedis(replica, "ROLE"))).toMatch(/^slave,.*,connected,/);
});

test("sentinels name the master, and the replica after the master's death", async () => {
  await using group = await startSentinel({ sentinels: 3 });
  for (const sentinel of group.sentinels) {
    const named = await askRedis(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", group.masterName);
    expect(String(named)).toBe(`127.0.0.1,${group.master.port}`);
  }
  await askRedis(group.master, "SET", "k", "v");
  expect(await askRedis(group.master, "WAIT", 1, 1_000)).toBe(1);
  await group.master.kill();
  await pollUntil(
    "failover",
    15_000,
    async () => (await group.currentMaster()).port === group.replicas[0]?.port,
  );
  await pollUntil("the replica is master", 5_000, async () =>
    String(await askRedis(await group.currentMaster(), "ROLE")).startsWith("master"),
  );
  expect(String(await askRedis(await group.currentMaster(), "GET", "k"))).toBe("v");
});
