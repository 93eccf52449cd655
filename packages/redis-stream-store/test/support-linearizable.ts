/** One call of a history: when it began and ended, on one clock, and what it resolved to. */
export interface Call {
  op: { set: string; instead?: string | undefined } | { clear: string } | "get";
  from: number;
  to: number;
  result: string | null | undefined;
}

/**
 * Whether there is an order in which the calls, each at one moment between its start and its end, give
 * these results on a pointer that was free before. Tries all, for histories of a dozen calls.
 */
export function isLinearizable(
  calls: readonly Call[],
  standing: string | null = null,
  seen: Set<string> = new Set(),
): boolean {
  if (calls.length === 0) return true;
  const state = `${standing}|${calls.map(({ from }) => from).join()}`;
  if (seen.has(state)) return false;
  seen.add(state);
  const firstEnd = Math.min(...calls.map(({ to }) => to));
  // The next one must have begun before any of the others had ended.
  return calls.some((call) => {
    if (call.from > firstEnd) return false;
    const next = apply(call.op, standing);
    const others = calls.filter((other) => other !== call);
    return next.result === call.result && isLinearizable(others, next.standing, seen);
  });
}

/** The contract, once more. */
function apply(
  op: Call["op"],
  standing: string | null,
): { standing: string | null; result: string | null | undefined } {
  if (op === "get") return { standing, result: standing };
  if ("clear" in op)
    return { standing: standing === op.clear ? null : standing, result: undefined };
  const { set, instead } = op;
  const after = standing === null || standing === instead ? set : standing;
  return { standing: after, result: after };
}
