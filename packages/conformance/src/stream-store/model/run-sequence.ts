import { isDeepStrictEqual } from "node:util";
import { codeOf, outcomeOf, soon } from "../asserting.ts";
import type { Outcome } from "../asserting.ts";
import type { CaseContext, StreamFixture } from "../case-context.ts";
import type { Command, Expected } from "./stream-model.ts";
import { StreamModel } from "./stream-model.ts";

export const MAX_CHUNKS = 12;

/** A difference between a store and the model. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** Sends `commands` to a stream, by turns through either store, and compares every step with the model. */
export async function runSequence(
  context: CaseContext,
  { store, peer, id }: StreamFixture,
  commands: readonly Command[],
): Promise<void> {
  const model = new StreamModel(MAX_CHUNKS);
  for (const [i, command] of commands.entries()) {
    const one = i % 3 ? store : peer;
    const other = i % 2 ? store : peer;
    const what = `step ${i + 1}, ${JSON.stringify(command)}`;
    if (command.call === "read") {
      await compareRead(context, { store: one, peer, id }, model, command.after, what);
      continue;
    }
    const before = model.status();
    const expected = expectedOf(model, command);
    if (expected === undefined) continue;
    const repeated = command.call === "repeat" ? model.repeatable : undefined;
    const outcome = await outcomeOf(() => send(one, id, repeated ?? command));
    if (expected !== null) compareOutcome(outcome, expected, what);
    const status = await other.getStatus(id);
    if (!isDeepStrictEqual(status, model.status())) {
      const shown = `status ${JSON.stringify(status)}, not ${JSON.stringify(model.status())}`;
      throw new Violation(
        blame(expected, command),
        `${what}: ${JSON.stringify(before)} -> ${shown}`,
      );
    }
  }
}

/** `undefined`: there is nothing to send. `null`: anything may come of it. */
function expectedOf(model: StreamModel, command: Command): Expected | null | undefined {
  switch (command.call) {
    case "create":
      return model.create(command.writer);
    case "append":
      return model.append(command);
    case "repeat":
      return model.repeatable && { by: "repeat-op", value: model.texts.length };
    case "stop":
      return model.end({ state: "stopped" });
    case "complete":
      return model.end({ state: "done" });
    case "fail":
      return model.end({ state: "error", error: command.error });
    case "delete":
      return model.delete();
    case "read":
      return undefined;
  }
}

type Sent =
  | Command
  | (Extract<Command, { call: "append" }> extends infer A ? Omit<A, "call"> : never);

async function send(store: StreamFixture["store"], id: string, sent: Sent): Promise<unknown> {
  if (!("call" in sent) || sent.call === "append") {
    const { chunks, writer, op, end } = sent;
    return store.append(id, chunks, { writer, op, end });
  }
  if (sent.call === "create") return store.create(id, { writer: sent.writer });
  if (sent.call === "fail") return store.fail(id, sent.error);
  if (sent.call === "repeat" || sent.call === "read") return undefined;
  return store[sent.call](id);
}

function compareOutcome(outcome: Outcome<unknown>, expected: Expected, what: string): void {
  if ("refused" in expected) {
    const code = "error" in outcome ? codeOf(outcome.error) : undefined;
    if (expected.refused.some((one) => one === code)) return;
    const came =
      "error" in outcome ? String(outcome.error) : `resolved to ${String(outcome.value)}`;
    const by = (code === "FENCED" && expected.fencedBy) || expected.by;
    throw new Violation(by, `${what}: ${came}, not ${expected.refused.join(" or ")}`);
  }
  if ("error" in outcome) {
    throw new Violation(expected.refusedBy ?? expected.by, `${what}: ${String(outcome.error)}`);
  }
  if (outcome.value !== expected.value) {
    const came = `resolved to ${String(outcome.value)}, not ${String(expected.value)}`;
    throw new Violation(expected.by, `${what}: ${came}`);
  }
}

/** Whose promise a wrong status breaks. */
function blame(expected: Expected | null, command: Command): string {
  if (expected === null) return "create-same-writer";
  const stored = "refused" in expected && command.call === "append" && command.chunks.length > 0;
  return stored && expected.by !== "append-not-found" ? "append-all-or-nothing" : expected.by;
}

async function compareRead(
  context: CaseContext,
  { store, id }: StreamFixture,
  model: StreamModel,
  after: number,
  what: string,
): Promise<void> {
  const reader = context.read(store, id, after);
  const status = model.status();
  if (status === null || after > model.texts.length) {
    const [by, code] =
      status === null
        ? (["read-not-found", "NOT_FOUND"] as const)
        : (["read-cursor", "INVALID_CURSOR"] as const);
    const outcome = await outcomeOf(() => soon(reader.next(), what, 1000));
    return compareOutcome(outcome, { by, refused: [code] }, what);
  }
  for (const [i, text] of model.texts.slice(after).entries()) {
    const step = await outcomeOf(() => soon(reader.next(), what, 1000));
    const chunk = { done: false, value: { seq: after + i + 1, data: text } };
    if (!("value" in step) || !isDeepStrictEqual({ done: false, ...step.value }, chunk)) {
      throw new Violation("read-every-chunk", `${what}: ${JSON.stringify(step)}, not ${text}`);
    }
  }
  if (status.state !== "active") {
    const step = await outcomeOf(() => soon(reader.next(), what, 1000));
    if (!("value" in step) || !isDeepStrictEqual(step.value, { done: true, value: status })) {
      throw new Violation("read-stored-end", `${what}: ${JSON.stringify(step)}`);
    }
  }
  await reader.return(status);
}
