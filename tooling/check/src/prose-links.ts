import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseMarkdown, slugOf } from "./markdown.ts";
import type { Problem } from "./problem.ts";
import type { Page } from "./page.ts";
import { readText } from "./workspace.ts";

/** Relative links lead to a file, and their #anchors to a heading. */
export function checkLinks(page: Page): Problem[] {
  return page.markdown.links
    .filter(({ text }) => !/^[a-z][a-z+.-]*:/i.test(text))
    .flatMap(({ text, line }) => {
      const message = brokenLink(page, text);
      return message === undefined ? [] : [{ file: page.file, line, message }];
    });
}

function brokenLink({ root, file }: Page, link: string): string | undefined {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? file : findTarget(root, file, decodeURI(path));
  if (target === undefined) return `the link ${link} leads nowhere`;
  if (anchor === undefined || !target.endsWith(".md")) return undefined;
  const { headings } = parseMarkdown(readText(root, target));
  const found = headings.some(({ text }) => slugOf(text) === anchor);
  return found ? undefined : `the link ${link}: ${target} has no such heading`;
}

/** From the root of the repository. In docs/, "/x" starts at docs/, and ".md" may be left out. */
function findTarget(root: string, file: string, path: string): string | undefined {
  const start = path.startsWith("/") ? join("docs", path) : join(dirname(file), path);
  const candidates = [start, `${start}.md`, join(start, "index.md")];
  if (!file.startsWith("docs/")) candidates.length = 1;
  const isFile = (candidate: string) => statSync(join(root, candidate)).isFile();
  const existing = candidates.filter((candidate) => existsSync(join(root, candidate)));
  return existing.find(isFile) ?? existing[0];
}
