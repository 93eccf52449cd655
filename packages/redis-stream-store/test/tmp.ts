import { createClient } from "redis";
import { startRedis } from "@streambed/test-kit";
const s = await startRedis();
const c = createClient({url: s.url}); await c.connect();
const t = () => process.getActiveResourcesInfo().filter(x=>x==="Timeout").length;
console.log(t()); await c.get("x"); console.log("after get", t()); await Promise.all([c.get("x"),c.get("y"),c.get("z")]); console.log(t());
await new Promise(r=>setTimeout(r,6000).unref() as any).catch(()=>{}); 
