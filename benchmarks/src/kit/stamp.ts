/** Now, on a clock that all processes of a machine share, with the bulk of a token behind it. */
export function stamp(): string {
  return `${process.hrtime.bigint()} token`;
}

/** Milliseconds since `stamped` was made, here or in another process. */
export function msSince(stamped: string): number {
  return Number(process.hrtime.bigint() - BigInt(stamped.slice(0, stamped.indexOf(" ")))) / 1e6;
}
