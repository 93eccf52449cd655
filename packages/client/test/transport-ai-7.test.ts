import { Chat } from "@ai-sdk/react";
import { cuts } from "./transport/cuts.ts";
import { ends } from "./transport/ends.ts";
import { races } from "./transport/races.ts";
import { stops } from "./transport/stops.ts";

cuts(Chat);
ends(Chat);
races(Chat);
stops(Chat);
