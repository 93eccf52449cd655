import { type Markdown, parseMarkdown } from "./markdown.ts";
import {
  findFiles,
  type Manifest,
  type Member,
  readJson,
  readMembers,
  readText,
} from "./workspace.ts";

/** One Markdown file, and what the checks of prose look things up in. */
export interface Page {
  root: string;
  file: string;
  source: string;
  markdown: Markdown;
  rootManifest: Manifest | undefined;
  members: Member[];
  /** The workspace folder that the file is in; none at the root and in docs/. */
  member: Member | undefined;
}

/** All Markdown that people are meant to follow: not changelogs, which tell of the past. */
export function readPages(root: string): Page[] {
  const members = readMembers(root);
  const rootManifest = readJson<Manifest>(root, "package.json");
  return findFiles(root, "{*.md,{packages,examples,tooling,docs,test,benchmarks}/**/*.md}")
    .filter((file) => !file.endsWith("CHANGELOG.md"))
    .map((file) => {
      const source = readText(root, file);
      const member = members.find(({ folder }) => file.startsWith(`${folder}/`));
      const markdown = parseMarkdown(source);
      return { root, file, source, markdown, rootManifest, members, member };
    });
}

/** Commands as people type them: `inline code`, and the lines of shell fences. */
export function commandsOf({ markdown }: Page): { text: string; line: number }[] {
  const shell = markdown.fences.filter(({ info }) => /^(sh|bash|shell|console)\b/.test(info));
  const lines = shell.flatMap(({ text, line }) =>
    text.split("\n").map((command, index) => ({ text: command, line: line + index })),
  );
  return [...markdown.codes, ...lines];
}
