/** States of a server that pass by themselves: the same command may succeed a moment later. */
const PASSING = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|UNBLOCKED)\b/;
/** EPROTO is what Node puts before a message of OpenSSL's. */
const REPLY = /^(?!EPROTO\b)[A-Z][A-Z0-9]+(?: |$)/;
/** A client of ioredis' for clusters that has followed the nodes' replies in vain: while a slot moves, for one. */
const REDIRECTED = /^Too many Cluster redirections\. Last error: ReplyError: /;

/** The server does not know the script of that hash. */
export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.includes("NOSCRIPT");
}

/** Whether the server answered, and did nothing: also where saying it again would help. */
export function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && REPLY.test(error.message.replace(REDIRECTED, ""));
}

/**
 * Whether the server itself refused: saying it again would not help. Every client's error for that has
 * the server's line as its message, which begins with a word in capitals (RESP, "Simple errors").
 */
export function isRefusal(error: unknown): error is Error {
  return isErrorReply(error) && !PASSING.test(error.message) && !REDIRECTED.test(error.message);
}
