import { isRefusal } from "@streambed/redis-driver";
import type { ScriptReply, ScriptRunner } from "@streambed/redis-driver";
import type { StreamLayout } from "./stream-layout.ts";

/** At most this much goes in one script: for as long, the server serves nobody else. */
const MOST = { streams: 64, units: 65_536 };

const { setImmediate: afterThisTurn = queueMicrotask } = globalThis as {
  setImmediate?: (callback: () => void) => unknown;
};

interface Append {
  keys: string[];
  args: string[];
  units: number;
  resolve: (reply: ScriptReply | Promise<ScriptReply>) => void;
  reject: (error: unknown) => void;
}

/**
 * Appends to many streams that share their scripts: with many answers at once, most of what a chunk costs is
 * the command that brings it. An append with nothing under way goes at once, so that whoever awaits each waits
 * for nothing; those that come meanwhile gather until the end of the turn, and where several have, so does the next.
 */
export class SharedAppends {
  readonly #run: ScriptRunner;
  readonly #scripts: StreamLayout["scripts"];
  #underWay = 0;
  #isBusy = false;
  #gathered: Append[] = [];

  constructor(run: ScriptRunner, scripts: StreamLayout["scripts"]) {
    this.#run = run;
    this.#scripts = scripts;
  }

  /** What the append script replies for one stream, of which there must not be two at once. */
  append(keys: string[], args: string[]): Promise<ScriptReply> {
    const goesAtOnce = this.#underWay === 0 && !this.#isBusy;
    const reply = goesAtOnce ? this.#append(keys, args) : this.#later(keys, args);
    this.#underWay++;
    reply.then(this.#settled, this.#settled);
    return reply;
  }

  #append(keys: string[], args: string[]): Promise<ScriptReply> {
    return this.#run(this.#scripts.append, keys, args);
  }

  readonly #settled = (): void => void this.#underWay--;

  #later(keys: string[], args: string[]): Promise<ScriptReply> {
    const units = args.reduce((sum, arg) => sum + arg.length, 0);
    return new Promise((resolve, reject) => {
      if (this.#gathered.push({ keys, args, units, resolve, reject }) === 1) {
        afterThisTurn(this.#sendGathered);
      }
    });
  }

  readonly #sendGathered = (): void => {
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#isBusy = gathered.length > 1;
    let group: Append[] = [];
    let units = 0;
    for (const append of gathered) {
      if (group.length === MOST.streams || units + append.units > MOST.units) {
        this.#send(group);
        group = [];
        units = 0;
      }
      group.push(append);
      units += append.units;
    }
    this.#send(group);
  };

  #send(group: Append[]): void {
    const [only] = group;
    if (only === undefined) return;
    if (group.length === 1) return only.resolve(this.#append(only.keys, only.args));
    const keys: string[] = [];
    const args: string[] = [];
    for (const append of group) {
      for (const key of append.keys) keys.push(key);
      args.push(String(append.args.length));
      for (const arg of append.args) args.push(arg);
    }
    this.#run(this.#scripts.appendMany, keys, args).then(
      (replies) => handOut(group, replies),
      (error: unknown) => {
        for (const { keys: own, args: ownArgs, resolve, reject } of group) {
          // The server's word on all of them may be meant for one: each is asked for by itself.
          if (isRefusal(error)) resolve(this.#append(own, ownArgs));
          else reject(error);
        }
      },
    );
  }
}

function handOut(group: readonly Append[], replies: ScriptReply): void {
  let at = 0;
  for (const { resolve } of group) {
    const end = at + 1 + Number(replies[at]);
    resolve(replies.slice(at + 1, end));
    at = end;
  }
}
