import { Redis } from "ioredis";
import { raceCreates } from "./support-create-race.ts";
import type { CreateRace } from "./support-create-race.ts";

const race = JSON.parse(process.env.RACE!) as CreateRace;
const redis = new Redis(race.url);
const outcomes = await raceCreates({ ...race, writer: "child", redis });
console.log(`outcomes=${JSON.stringify(outcomes)}`);
redis.disconnect();
