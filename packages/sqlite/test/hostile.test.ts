import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { StreamError } from "@streambed/core/contracts";
import { SqliteStreamStore } from "@streambed/sqlite";
import { drain } from "./drain.ts";
import { tempDir, tempFile } from "./temp-file.ts";

const TEXTS = [
  "",
  "\0",
  "a\0b",
  "\0\0",
  "é\0😀\0\uFEFF",
  "\uFEFFfirst",
  "'; DROP TABLE chunk; --",
  '"; DROP TABLE stream; --',
  "\uD83D\uDE00",
  "\u{10FFFF}\uFFFE\uFFFF",
  "\r\n\u2028",
  "x".repeat(1_048_576),
  "007",
  "1e3",
];

describe("texts", () => {
  it("come back verbatim, also from the file when it is opened again", async () => {
    const path = tempFile();
    const reads: string[][] = [];
    {
      using store = new SqliteStreamStore(path);
      await store.create("s", { writer: "';DROP--" });
      await store.append("s", TEXTS, { writer: "';DROP--", op: '"?1:$x' });
      for (const text of TEXTS.slice(0, 8)) {
        const id = `failed.${TEXTS.indexOf(text)}`;
        await store.create(id);
        await store.fail(id, text);
        expect(await store.getStatus(id)).toEqual({ state: "error", error: text, totalChunks: 0 });
      }
      await store.complete("s");
      reads.push((await drain(store, "s")).texts);
    }
    using store = new SqliteStreamStore(path);
    reads.push((await drain(store, "s")).texts);
    expect(await store.getStatus("failed.2")).toMatchObject({ error: "a\0b" });
    // Not toEqual: the failure would print a mebibyte.
    for (const read of reads) expect(read.map((text, i) => text === TEXTS[i])).not.toContain(false);
    for (const read of reads) expect(read).toHaveLength(TEXTS.length);
  });

  it("that are no text are refused, and leave nothing", async () => {
    using store = new SqliteStreamStore(tempFile());
    await store.create("s");
    for (const bad of ["\uD800", "a\uDC00b", "\uDE00\uD83D"]) {
      await expect(store.append("s", ["good", bad])).rejects.toMatchObject({
        code: "INVALID_CHUNK",
      });
      await expect(store.fail("s", bad)).rejects.toMatchObject({ code: "INVALID_CHUNK" });
    }
    await expect(store.create("s'; DROP TABLE stream")).rejects.toMatchObject({
      code: "INVALID_ID",
    });
    expect(await store.getStatus("s")).toEqual({ state: "active", totalChunks: 0 });
  });

  it("that the caller changes while the store waits for a lock are stored as they were", async () => {
    const path = tempFile();
    using store = new SqliteStreamStore(path);
    await store.create("s");
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const chunks = ["a", "b"];
    const end = { error: "why" };
    const append = store.append("s", chunks, { end });
    chunks.length = 0;
    end.error = "changed";
    other.exec("COMMIT");
    other.close();
    expect(await append).toBe(2);
    expect(await store.getStatus("s")).toEqual({ state: "error", error: "why", totalChunks: 2 });
  });
});

describe("files", () => {
  it.for([
    ["a directory that does not exist", () => join(tempDir(), "missing", "s.db")],
    ["a directory", () => tempDir()],
    ["text", () => filled(tempFile(), "no database, but longer than a page\n".repeat(1000))],
    ["noise", () => filled(tempFile(), crypto.getRandomValues(new Uint8Array(8192)))],
    ["a database whose end is missing", () => truncated(4096)],
    ["a database whose first page is torn", () => truncated(1000)],
  ] as const)("that are %s are UNAVAILABLE, with the cause", ([, make]) => {
    const error = refusal(make());
    expect(error.code).toBe("UNAVAILABLE");
    expect(error.cause).toMatchObject({ code: "ERR_SQLITE_ERROR" });
    expect(error.message).toMatch(/^cannot open \//);
  });

  it.for(["", "a\0b", 7, undefined, null])("named %j are INVALID_OPTION", (path) => {
    expect(refusal(path as string).code).toBe("INVALID_OPTION");
  });

  it("of a later version are UNSUPPORTED, and stay as they are", () => {
    const path = tempFile();
    new SqliteStreamStore(path).close();
    query(path, "PRAGMA user_version = 99");
    const before = readFileSync(path);
    const error = refusal(path);
    expect(error.code).toBe("UNSUPPORTED");
    expect(error.message).toContain("version 99");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("of another application are UNSUPPORTED, and stay as they are", () => {
    const path = tempFile();
    query(path, "CREATE TABLE stream (theirs)");
    const marked = tempFile();
    query(marked, "PRAGMA application_id = 7");
    const numbered = tempFile();
    query(numbered, "PRAGMA user_version = 1");
    for (const theirs of [path, marked, numbered]) {
      const before = readFileSync(theirs);
      expect(refusal(theirs).code).toBe("UNSUPPORTED");
      expect(readFileSync(theirs).equals(before)).toBe(true);
    }
    expect(query(path, "PRAGMA journal_mode")).toEqual([{ journal_mode: "delete" }]);
  });

  it("that are empty become a store, and so does memory", async () => {
    for (const path of [filled(tempFile(), ""), ":memory:"]) {
      using store = new SqliteStreamStore(path);
      await store.create("s");
      expect(await store.append("s", "a", { end: "done" })).toBe(1);
      expect((await drain(store, "s")).texts).toEqual(["a"]);
    }
  });

  it("that break while open fail with UNAVAILABLE, readers too", async () => {
    const path = tempFile();
    {
      using store = new SqliteStreamStore(path);
      await store.create("s");
      await store.append(
        "s",
        Array.from({ length: 2000 }, (_, i) => `${i} `.repeat(50)),
      );
    }
    // Behind the first pages, so that it still opens.
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xa5, 6 * 4096));
    using store = new SqliteStreamStore(path);
    const reading = drain(store, "s");
    await expect(reading).rejects.toMatchObject({ code: "UNAVAILABLE", cause: expect.any(Error) });
    await expect(store.append("s", "x")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.for(["directory", "file"])("in a read-only %s are UNAVAILABLE", (what) => {
    const dir = join(tempDir(), "locked");
    mkdirSync(dir);
    const path = join(dir, "s.db");
    if (what === "file") {
      const made = tempFile();
      new SqliteStreamStore(made).close();
      copyFileSync(made, path);
      chmodSync(path, 0o444);
    }
    chmodSync(join(dir, ".."), 0o755);
    chmodSync(dir, 0o555);
    // Nothing is read-only to root: another user has to try.
    const uid = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const script = `
      import { SqliteStreamStore } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url))};
      try {
        const store = new SqliteStreamStore(${JSON.stringify(path)});
        await store.create("s");
        console.log("created");
      } catch (error) {
        console.log(error.code, error.cause.code);
      }`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      ...uid,
      encoding: "utf8",
    });
    expect([stdout.trim(), stderr]).toEqual(["UNAVAILABLE ERR_SQLITE_ERROR", ""]);
  });
});

it("says nothing on the console", () => {
  const script = `
    import { SqliteStreamStore } from ${JSON.stringify(new URL("../src/index.ts", import.meta.url))};
    const store = new SqliteStreamStore(":memory:");
    await store.create("s");
    await store.append("s", "a", { end: "done" });
    for await (const _ of store.readFrom("s", 0));
    store.close();`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--input-type=module", "--disable-warning=ExperimentalWarning", "-e", script],
    { encoding: "utf8" },
  );
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
});

function refusal(path: string): StreamError {
  try {
    new SqliteStreamStore(path, { timeoutMs: 500 }).close();
  } catch (error) {
    if (StreamError.is(error)) return error;
    throw error;
  }
  expect.fail("the file was opened");
}

function filled(path: string, content: string | Uint8Array): string {
  writeFileSync(path, content);
  return path;
}

function truncated(length: number): string {
  const path = tempFile();
  new SqliteStreamStore(path).close();
  truncateSync(path, length);
  return path;
}

function query(path: string, sql: string): unknown[] {
  const db = new DatabaseSync(path);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
}
