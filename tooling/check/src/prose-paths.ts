import type { Problem } from "./problem.ts";
import { commandsOf, type Page } from "./page.ts";
import { findFiles } from "./workspace.ts";

/** The folders of the repository whose paths people write out. */
const REPO_PATH = /^(packages|examples|tooling|docs|benchmarks|test|\.github|\.ci|\.changeset)\//;
/** In a package's own Markdown, paths from its folder. */
const PACKAGE_PATH = /^(src|lua|test)\//;
/** Paths of the reader's app, not ours: SvelteKit's and Next's. */
const APP_PATH = /^src\/(routes|app|lib|hooks|pages)\b/;
const ROOT_PAGE = /^[A-Z]+\.md$/;

/** Paths in `code` and in shell fences exist; globs match something. */
export function checkPaths(page: Page): Problem[] {
  return commandsOf(page).flatMap(({ text, line }) =>
    text
      .split(/\s+/)
      .map((word) => word.replace(/^(\.\/|["'(])/, "").replace(/(:\d+)?["'),.;:]*$/, ""))
      .filter((word) => isPath(page, word) && !isPlaceholder(word))
      .filter((word) => !resolves(page, word))
      .map((word) => ({ file: page.file, line, message: `${word} does not exist` })),
  );
}

function isPath({ member }: Page, word: string): boolean {
  if (REPO_PATH.test(word) || ROOT_PAGE.test(word)) return true;
  return member !== undefined && PACKAGE_PATH.test(word) && !APP_PATH.test(word);
}

/**
 * `packages/<name>/src`, `packages/X`, `issue-NN-slug.test.ts`, and what is being elided; also what only a
 * run makes: hidden folders below the root's, and installed ones.
 */
function isPlaceholder(word: string): boolean {
  return /[<>…$=]|\.\.\.|(^|[/-])[A-Z]+([/-]|$)|.\/\.\w|\/node_modules\//.test(word);
}

function resolves({ root, member }: Page, word: string): boolean {
  const path = word.replace(/#.*$/, "").replace(/\/$/, "");
  const folders = member === undefined ? [""] : ["", `${member.folder}/`];
  return folders.some((folder) => findFiles(root, folder + path).length > 0);
}
