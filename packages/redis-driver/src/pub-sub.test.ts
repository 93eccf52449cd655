import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { ioredisPubSub, isResp3, nodeRedisPubSub, shardedIoredisPubSub } from "./pub-sub.ts";
import type { NodeRedisSubscriber } from "./pub-sub.ts";

/** Like ioredis: one set of channels, one event for all messages. */
class FakeIoredis extends EventEmitter {
  readonly calls: string[] = [];
  refusal: Error | undefined;

  async subscribe(...channels: string[]): Promise<void> {
    this.calls.push(`+${channels.join()}`);
    if (this.refusal) throw this.refusal;
  }

  async unsubscribe(...channels: string[]): Promise<void> {
    this.calls.push(`-${channels.join()}`);
  }
}

describe("ioredisPubSub", () => {
  it("hands each message to those who follow its channel, until they leave", async () => {
    const client = new FakeIoredis();
    const [one, other] = [ioredisPubSub(client, undefined), ioredisPubSub(client, undefined)];
    const got: string[] = [];
    const leave = await one.subscribe("a", (message) => got.push(`1 ${message}`));
    const leaveToo = await other.subscribe("a", (message) => got.push(`2 ${message}`));
    const leaveOther = await one.subscribe("b", (message) => got.push(`3 ${message}`));
    expect(client.listenerCount("message")).toBe(1);
    client.emit("message", "a", "x");
    client.emit("message", "b", "y");
    client.emit("message", "the user's own", "z");
    expect(got).toEqual(["1 x", "2 x", "3 y"]);
    await leave();
    expect(client.calls).not.toContain("-a");
    client.emit("message", "a", "again");
    expect(got.slice(3)).toEqual(["2 again"]);
    await leaveToo();
    await leaveToo();
    await leaveOther();
    expect(client.calls).toEqual(["+a", "+a", "+b", "-a", "-b"]);
    expect(client.listenerCount("message")).toBe(0);
  });

  it("leaves nothing behind where the server refuses", async () => {
    const client = new FakeIoredis();
    client.refusal = new Error("NOPERM");
    const subscribed = ioredisPubSub(client, undefined).subscribe("a", () => {});
    await expect(subscribed).rejects.toBe(client.refusal);
    expect(client.listenerCount("message")).toBe(0);
  });

  it.each(["ioredis", "node-redis"])("%s: tells of reconnects until told to stop", (which) => {
    const client = new FakeIoredis();
    const pubSub =
      which === "ioredis"
        ? ioredisPubSub(client, undefined)
        : nodeRedisPubSub(client as unknown as NodeRedisSubscriber, undefined);
    let count = 0;
    const stop = pubSub.onReconnect(() => count++);
    client.emit("ready");
    stop();
    client.emit("ready");
    expect(count).toBe(1);
    expect(client.eventNames()).toEqual([]);
  });
});

describe("shardedIoredisPubSub", () => {
  /** Like ioredis' Cluster: it has words of their own for shard channels, and follows both kinds. */
  class FakeCluster extends FakeIoredis {
    async ssubscribe(channel: string): Promise<void> {
      await this.subscribe(`shard ${channel}`);
    }

    async sunsubscribe(channel: string): Promise<void> {
      await this.unsubscribe(`shard ${channel}`);
    }
  }

  it("keeps to channels of its kind, and to what it follows", async () => {
    const client = new FakeCluster();
    const got: string[] = [];
    const leave = await shardedIoredisPubSub(client).subscribe("a", (m) => got.push(`shard ${m}`));
    const leavePlain = await ioredisPubSub(client, undefined).subscribe("a", (m) => got.push(m));
    client.emit("smessage", "a", "x");
    client.emit("message", "a", "y");
    client.emit("smessage", "another's", "z");
    expect(got).toEqual(["shard x", "y"]);
    await leave();
    await leavePlain();
    expect(client.calls).toEqual(["+shard a", "+a", "-shard a", "-a"]);
    expect(client.eventNames()).toEqual([]);
  });

  it("takes back what was refused, unless another follows it: the client would try again", async () => {
    const client = new FakeCluster();
    const pubSub = shardedIoredisPubSub(client);
    const leave = await pubSub.subscribe("a", () => {});
    client.refusal = new Error("NOPERM");
    for (const channel of ["a", "b"]) {
      await expect(pubSub.subscribe(channel, () => {})).rejects.toBe(client.refusal);
    }
    expect(client.calls).toEqual(["+shard a", "+shard a", "+shard b", "-shard b"]);
    await leave();
    expect(client.eventNames()).toEqual([]);
  });

  it("tells once of a burst of reconnects", () => {
    const client = new FakeCluster();
    let count = 0;
    const stop = shardedIoredisPubSub(client).onReconnect(() => count++);
    for (let i = 0; i < 100; i++) client.emit("subscribersReady");
    stop();
    expect(count).toBe(1);
    expect(client.eventNames()).toEqual([]);
  });
});

it("a reply to HELLO tells the protocol, as each client gives it back", () => {
  expect(isResp3(["server", "redis", "version", "7.0.15", "proto", 3, "id", 14])).toBe(true);
  expect(isResp3(["server", "redis", "version", "7.0.15", "proto", 2, "id", 14])).toBe(false);
  expect(isResp3(["server", "redis", "proto", "3"])).toBe(true);
  expect(isResp3({ server: "redis", proto: 3 })).toBe(true);
  expect(isResp3({ server: "redis", proto: 2 })).toBe(false);
  for (const nothing of [[], [3], {}, null, undefined, "OK", 3]) {
    expect(isResp3(nothing), JSON.stringify(nothing)).toBe(false);
  }
});
