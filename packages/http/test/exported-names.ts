import { readFileSync } from "node:fs";

/** The names in the `export { … }` lists of a module; `type X` where only the type is exported. */
export function exportedNames(url: URL): readonly string[] {
  const lists = Array.from(readFileSync(url, "utf8").matchAll(/^export (type )?\{([^}]*)\}/gm));
  return lists.flatMap(([, typeOnly = "", list = ""]) =>
    list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => (name.startsWith("type ") ? name : `${typeOnly}${name}`)),
  );
}
