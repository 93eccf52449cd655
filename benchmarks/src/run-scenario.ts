// Runs the scenario that the first argument names, and prints its figures as one line of JSON.
import { openGround } from "./kit/ground.ts";
import type { Scenario } from "./kit/scenario.ts";

const [name = ""] = process.argv.slice(2);
const { scenario } = (await import(`./scenarios/${name}.ts`)) as { scenario: Scenario };
await using ground = await openGround();
console.log(`figures ${JSON.stringify(await scenario.run(ground))}`);
