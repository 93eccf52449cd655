import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Page, readPages } from "./page.ts";
import type { Problem } from "./problem.ts";
import { runTool } from "./run-tool.ts";
import { type Member, readMembers } from "./workspace.ts";

/** A fence as it is compiled: `lead` lines that the reader saw elsewhere or does not see, then the fence. */
interface Snippet {
  page: Page;
  line: number;
  lead: string;
  text: string;
}

/**
 * Every ```ts fence in the Markdown compiles against the workspace, each as a module of its own.
 * "```ts continued" goes on where the page's fence before it ended, and what a reader can imagine for
 * themselves is declared, unseen, above the fence: `<!-- given: declare const model: LanguageModel -->`.
 */
export async function checkSnippets(root: string): Promise<Problem[]> {
  const snippets = readPages(root).flatMap(readSnippets);
  if (snippets.length === 0) return [];
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/snippets-"));
  try {
    const files = writeSnippets(root, folder, snippets);
    const { stdout, stderr } = await runTool(root, "tsc", ["-p", folder, "--pretty", "false"]);
    return readErrors(stdout + stderr, files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readSnippets(page: Page): Snippet[] {
  let previous = "";
  return page.markdown.fences
    .filter(({ info }) => /^(ts|typescript)\b/.test(info))
    .map(({ info, text, line, before }) => {
      const given = /^<!-- given: (.*) -->$/.exec(before)?.[1];
      const start = /\bcontinued\b/.test(info) ? previous : "";
      const lead = start + (given === undefined ? "" : `${given}\n`);
      previous = lead + text;
      return { page, line, lead, text };
    });
}

/** One folder per page, with links to whatever the workspace has installed. Returns them by file name. */
function writeSnippets(root: string, folder: string, snippets: Snippet[]): Map<string, Snippet> {
  const members = readMembers(root);
  const files = new Map<string, Snippet>();
  for (const [index, snippet] of snippets.entries()) {
    const place = join(folder, snippet.page.file.replaceAll("/", "-"));
    if (!existsSync(place)) linkModules(root, join(place, "node_modules"), snippet.page, members);
    const path = join(place, `${index}.ts`);
    writeFileSync(path, `${snippet.lead}${snippet.text}export {};\n`);
    files.set(`${index}.ts`, snippet);
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  return files;
}

const TSCONFIG = {
  extends: "../../tsconfig.base.json",
  compilerOptions: {
    lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
    types: ["node"],
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ["*/*.ts"],
};

/** The packages by name, then what the page's own folder has installed, then what any folder has. */
function linkModules(root: string, target: string, page: Page, members: Member[]): void {
  for (const { folder, manifest } of members) {
    if (manifest?.name !== undefined) link(join(root, folder), join(target, manifest.name));
  }
  const folders = [page.member?.folder ?? ".", ".", ...members.map(({ folder }) => folder)];
  for (const modules of folders.map((folder) => join(root, folder, "node_modules"))) {
    if (!existsSync(modules)) continue;
    const names = readdirSync(modules).filter((name) => !name.startsWith("."));
    const scoped = names
      .filter((name) => name.startsWith("@"))
      .flatMap((scope) => readdirSync(join(modules, scope)).map((name) => `${scope}/${name}`));
    for (const name of [...names.filter((other) => !other.startsWith("@")), ...scoped]) {
      link(join(modules, name), join(target, name));
    }
  }
}

function link(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(from, to, "dir");
}

/** Errors in the snippets, at their lines in the Markdown. Those in sources are for `pnpm types` to tell. */
function readErrors(output: string, files: Map<string, Snippet>): Problem[] {
  const errors = [...output.matchAll(/^(.+)\((\d+),\d+\): error (TS\d+: .*)$/gm)];
  const problems = errors.flatMap(([, path = "", line, message = ""]) => {
    const snippet = /\/snippets-[^/]+\//.test(path)
      ? files.get(path.split("/").at(-1) ?? "")
      : undefined;
    if (snippet === undefined) return [];
    const shift = Number(line) - snippet.lead.split("\n").length;
    return [{ file: snippet.page.file, line: snippet.line + Math.max(shift, -1), message }];
  });
  if (errors.length === 0 && output.trim() !== "") return [{ file: ".", message: output.trim() }];
  return problems;
}
