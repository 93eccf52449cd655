import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

const ENTRY = new URL("entry.ts", import.meta.url).pathname;

/** What a bundler makes of `code`, as a browser gets it. `ai`, `react` and `svelte` are the app's own. */
async function bundle(code: string): Promise<string> {
  const build = await rolldown({
    input: ENTRY,
    platform: "browser",
    external: [/^(ai|react|svelte)(\/|$)/],
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? code : null),
      },
    ],
  });
  const { output } = await build.generate({ format: "es", minify: true });
  await build.close();
  expect(output).toHaveLength(1);
  return output[0].code;
}

const READ = 'export { readStream } from "@streambed/client";';
const TRANSPORT = 'export { DurableChatTransport } from "@streambed/client/ai-sdk";';
const sizeOf = (code: string): number => gzipSync(code, { level: 9 }).length;

// Bars, in bytes: to be raised on purpose only.
test("readStream and what it needs is 2.5 kB, the transport 2 kB more", async ({ annotate }) => {
  const read = sizeOf(await bundle(READ));
  const both = sizeOf(await bundle(READ + TRANSPORT));
  // Shown by `--reporter=verbose`.
  await annotate(`readStream ${read} bytes, the transport ${both - read} more`);
  expect(read).toBeGreaterThan(1_000);
  expect(read).toBeLessThanOrEqual(2_500);
  expect(both - read).toBeGreaterThan(500);
  expect(both - read).toBeLessThanOrEqual(2_000);
});

test.each(["", "/ai-sdk", "/react", "/svelte"])(
  "@streambed/client%s needs nothing of Node, and no polyfill",
  async (entry) => {
    const code = await bundle(`export * from "@streambed/client${entry}";`);
    const imports = [...code.matchAll(/from\s*["'`]([^"'`]+)["'`]/g)].map(([, name]) => name);
    const allowed = {
      "": [],
      "/ai-sdk": ["ai"],
      "/react": ["react"],
      "/svelte": ["svelte", "svelte/reactivity"],
    };
    expect(imports.toSorted()).toEqual(allowed[entry as keyof typeof allowed]);
    expect(code).not.toMatch(/\b(process|Buffer|global|require|setImmediate|__dirname)\b/);
  },
);

test("readStream brings neither hooks nor `ai` along", async () => {
  expect(await bundle(READ)).not.toMatch(/\bfrom\b|DurableStream|sessionStorage|keepalive/);
});
