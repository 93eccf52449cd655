import { describe, expect, it } from "vitest";
import { isErrorReply, isNoScript, isRefusal } from "./reply-error.ts";

describe("isRefusal", () => {
  it.each([
    "ERR unknown command 'FOO'",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "NOPERM this user has no permissions to run the 'evalsha' command",
    "CROSSSLOT Keys in request don't hash to the same slot",
    "MOVED 1 127.0.0.1:7000",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "WRONGPASS invalid username-password pair",
  ])("%s", (message) => expect(isRefusal(new Error(message))).toBe(true));

  it.each([
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "MASTERDOWN Link with MASTER is down",
    "BUSY Redis is busy running a script.",
  ])("passes: %s", (message) => expect(isRefusal(new Error(message))).toBe(false));

  it.each([
    "Connection is closed.",
    "read ECONNRESET",
    "Socket closed unexpectedly",
    "",
    "E",
    "C0E7BC0C7F7F0000:error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading",
    "ECONNREFUSED: no",
    "EPROTO 40E7BC0C7F7F0000:error:0A000126:SSL routines",
    "Too many Cluster redirections. Last error: Error: Connection is closed.",
  ])("is no reply: %j", (message) => {
    expect(isRefusal(new Error(message))).toBe(false);
    expect(isErrorReply(new Error(message))).toBe(false);
  });

  it.each([undefined, null, "ERR text", { message: "ERR object" }])("is no error: %j", (value) =>
    expect(isRefusal(value)).toBe(false),
  );
});

it("isErrorReply: refused for good or for now, but nothing that the client says by itself", () => {
  expect(isErrorReply(new Error("WRONGTYPE Operation"))).toBe(true);
  expect(isErrorReply(new Error("LOADING Redis is loading the dataset in memory"))).toBe(true);
  expect(isErrorReply(new Error("Socket closed unexpectedly"))).toBe(false);
  expect(isErrorReply("ERR text")).toBe(false);
  expect(isErrorReply(new Error("EXECABORT"))).toBe(true);
});

it.each(["TRYAGAIN Multiple keys request", "MOVED 1 127.0.0.1:7000", "CLUSTERDOWN The cluster"])(
  "%s, which ioredis' Cluster has followed in vain, passes",
  (reply) => {
    const error = new Error(`Too many Cluster redirections. Last error: ReplyError: ${reply}`);
    expect(isErrorReply(error)).toBe(true);
    expect(isRefusal(error)).toBe(false);
  },
);

it("NOSCRIPT is told from other errors, also with a client's words around it", () => {
  expect(isNoScript(new Error("NOSCRIPT No matching script. Please use EVAL."))).toBe(true);
  expect(isNoScript(new Error("Command failed: NOSCRIPT No matching script."))).toBe(true);
  expect(isNoScript(new Error("ERR no such key"))).toBe(false);
  expect(isNoScript("NOSCRIPT")).toBe(false);
});
