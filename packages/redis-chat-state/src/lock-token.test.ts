import { describe, expect, it, vi } from "vitest";
import { assertTokenPrefix, lockToken, readToken } from "./lock-token.ts";

describe("lockToken", () => {
  it("has the form of the other adapters'", () => {
    const before = Date.now();
    const token = lockToken("redis");
    expect(token).toMatch(/^redis_\d{13}_[0-9a-z]{24}$/);
    const ms = Number(token.split("_")[1]);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });

  it("takes its suffix from a source that nobody can guess, all of the alphabet", () => {
    const source = vi.spyOn(crypto, "getRandomValues");
    const guessable = vi.spyOn(Math, "random");
    const suffixes = Array.from({ length: 500 }, () => lockToken("redis").split("_")[2]);
    expect(source).toHaveBeenCalledTimes(500);
    expect(guessable).not.toHaveBeenCalled();
    expect(new Set(suffixes).size).toBe(500);
    expect(new Set(suffixes.join("")).size).toBe(36);
    vi.restoreAllMocks();
  });
});

it("assertTokenPrefix", () => {
  for (const prefix of ["a", "redis", "my-bot2", "a-"]) assertTokenPrefix(prefix);
  for (const prefix of ["", "A", "1a", "-a", "a_b", "a b", "a\n", "é", undefined, null, 5, ["a"]]) {
    expect(() => assertTokenPrefix(prefix), String(prefix)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  }
});

const MS = 1_795_223_373_779;
describe("readToken", () => {
  it.each([
    [`ioredis_${MS}_l6i7v4jgpds`, "ioredis", "typescript"],
    [`redis_${MS}_8irhw2oc9f8`, "redis", "typescript"],
    [`redis_${MS}_`, "redis", "typescript"],
    [`mem_${MS}_abc`, "mem", "typescript"],
    [`ioredis_${MS}_4d74333257db8c1db29fe33698a81ad7`, "ioredis", "python"],
    // As long, but of more than hexadecimal digits.
    [`redis_${MS}_${"z".repeat(32)}`, "redis", "typescript"],
  ])("%s", (token, tokenPrefix, runtime) =>
    expect(readToken(token)).toEqual({ owner: { tokenPrefix, runtime }, acquiredAt: MS }),
  );

  it.each([
    "",
    "pg_2f1c1c2e-9f0c-4a6e-8a0e-3f1d2b4c5d6e",
    `redis_${MS}`,
    `redis_${MS}_ABC`,
    `redis_${MS}0_abc`,
    `Redis_${MS}_abc`,
    `_${MS}_abc`,
    `redis_${MS}_a_b`,
    `redis_${MS}_abc\n`,
    `\nredis_${MS}_abc`,
  ])("%j is of no known form", (token) =>
    expect(readToken(token)).toEqual({
      owner: { tokenPrefix: "", runtime: "unknown" },
      acquiredAt: undefined,
    }),
  );

  it("knows its own", () => {
    expect(readToken(lockToken("a-b"))).toMatchObject({
      owner: { tokenPrefix: "a-b", runtime: "typescript" },
    });
  });
});
