import { parseSync, Visitor } from "oxc-parser";

export interface Import {
  specifier: string;
  line: number;
}

/** Every module that a TypeScript source names: imports, re-exports, `import()`, `import("x").Type`. */
export function importsOf(path: string, source: string): Import[] {
  const found: { value: unknown; start: number }[] = [];
  const add = (node: { source?: unknown } | { expression?: unknown }) => {
    const literal = "source" in node ? node.source : (node as { expression?: unknown }).expression;
    if (isLiteral(literal)) found.push(literal);
  };
  new Visitor({
    ImportDeclaration: add,
    ExportAllDeclaration: add,
    ExportNamedDeclaration: add,
    ImportExpression: add,
    TSImportType: add,
    TSExternalModuleReference: add,
  }).visit(parseSync(path, source).program);
  return found
    .filter((literal) => typeof literal.value === "string")
    .map(({ value, start }) => ({
      specifier: String(value),
      line: source.slice(0, start).split("\n").length,
    }))
    .toSorted((a, b) => a.line - b.line);
}

function isLiteral(node: unknown): node is { value: unknown; start: number } {
  return typeof node === "object" && node !== null && "value" in node && "start" in node;
}

/** `hono/streaming` is of `hono`, `@streambed/core/codec` of `@streambed/core`. */
export function packageOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}
