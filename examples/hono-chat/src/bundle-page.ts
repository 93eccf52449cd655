import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** The page's script as a browser takes it: one file, without types. */
export async function bundlePage(): Promise<string> {
  const input = fileURLToPath(new URL("page/page.ts", import.meta.url));
  await using bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "es" });
  return output[0].code;
}
