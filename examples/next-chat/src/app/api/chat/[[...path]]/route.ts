import { streambed } from "@streambed/next";
import { handler } from "../../../../streambed.ts";

export const { GET, POST } = streambed(handler);

/** On a platform that limits it: how long an answer may take. */
export const maxDuration = 300;
