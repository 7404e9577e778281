import { join } from "node:path";

/** The page that shows the table. */
export const readmeFile: string = join(import.meta.dirname, "../../packages/checks/README.md");

const begin = "<!-- faults: begin -->\n";
const end = "<!-- faults: end -->";

/** The page with another table between its marks. */
export function withTable(page: string, table: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${begin.trim()} and ${end} are not both there`);
  return `${page.slice(0, from + begin.length)}${table}\n${page.slice(to)}`;
}
