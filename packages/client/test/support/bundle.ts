import { rolldown } from "rolldown";
import type { InputOptions } from "rolldown";
import { compile } from "svelte/compiler";

/** One script for a browser, from an entry. Compiles Svelte, too. */
export async function bundle(entry: URL, options: InputOptions = {}): Promise<string> {
  const build = await rolldown({
    input: entry.pathname,
    platform: "browser",
    transform: { define: { "process.env.NODE_ENV": '"development"' } },
    plugins: [
      {
        name: "svelte",
        transform(code, id) {
          if (!id.endsWith(".svelte")) return null;
          return compile(code, { filename: id, generate: "client" }).js;
        },
      },
    ],
    ...options,
  });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  return output[0].code;
}
