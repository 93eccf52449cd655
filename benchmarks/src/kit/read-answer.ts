import { get } from "node:http";
import { msSince } from "./stamp.ts";

/** One answer as it came: the delay of each chunk since its source had it, and the ids that came with them. */
export interface ReadAnswer {
  delaysMs: number[];
  ids: number[];
  /** Whether the end was told. */
  done: boolean;
}

/** Reads an answer of `answers-server.ts` to its end, with as little of its own as can be. */
export function readAnswer(url: string): Promise<ReadAnswer> {
  const answer: ReadAnswer = { delaysMs: [], ids: [], done: false };
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let rest = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => {
        const events = (rest + text).split("\n\n");
        rest = events.pop()!;
        for (const event of events) take(answer, event);
      });
      response.on("end", () => resolve(answer));
      response.on("error", reject);
    }).on("error", reject);
  });
}

function take(answer: ReadAnswer, event: string): void {
  if (event.includes("event: done")) answer.done = true;
  const data = /^data: (\d+ .*)$/m.exec(event)?.[1];
  if (data === undefined) return;
  answer.delaysMs.push(msSince(data));
  answer.ids.push(Number(/^id: (\d+)$/m.exec(event)?.[1]));
}
