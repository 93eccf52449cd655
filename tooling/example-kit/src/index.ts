export { chooseModel } from "./choose-model.ts";
export { connectRedis } from "./connect-redis.ts";
export { databaseFile } from "./database-file.ts";
export { logAnswers } from "./log-answers.ts";
export { visitorOf } from "./visitor-of.ts";
