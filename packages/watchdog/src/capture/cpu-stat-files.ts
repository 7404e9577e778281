import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Quotas hold at every level; deeper than this nobody nests them. */
const mostLevels = 12;

/**
 * The `cpu.stat` of the cgroup of this process and of those above it, innermost first, as far as they are mounted here:
 * any of them may have a quota. Empty where there are none, which is so on every system but Linux.
 */
export function cpuStatFiles(proc: string = "/proc"): readonly string[] {
  const cgroup = cgroupOf(linesOf(join(proc, "self/cgroup")));
  if (cgroup === undefined) return [];
  for (const mount of linesOf(join(proc, "self/mountinfo")).map(readMount)) {
    const { root, point, type, options } = mount;
    const isMountOfIt = cgroup.version === 1 ? type === "cgroup" && options.includes("cpu") : type === "cgroup2";
    const below = isMountOfIt ? pathBelow(root, cgroup.path) : undefined;
    if (below !== undefined) return levels(below).map((level) => join(point, level, "cpu.stat"));
  }
  return [];
}

interface Cgroup {
  readonly version: 1 | 2;
  readonly path: string;
}

/** The one whose quota counts: of version 1 where the `cpu` controller is there, otherwise of version 2. */
function cgroupOf(lines: readonly string[]): Cgroup | undefined {
  let found: Cgroup | undefined;
  for (const line of lines) {
    // The path comes last, and may hold colons.
    const [, id, controllers = "", path = ""] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers.split(",").includes("cpu")) return { version: 1, path };
    if (id === "0" && controllers === "") found = { version: 2, path };
  }
  return found;
}

interface Mount {
  /** What of the hierarchy is mounted. */
  readonly root: string;
  /** Where. */
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

function readMount(line: string): Mount {
  const [fields = "", ofType = ""] = line.split(" - ", 2);
  const [, , , root = "", point = ""] = fields.split(" ").map(unescaped);
  const [type = "", , options = ""] = ofType.split(" ");
  return { root, point, type, options: options.split(",") };
}

/** The kernel writes a space as `\040`, and so on. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The path as seen from the root; undefined where it is not below it, as in a mount that another namespace made. */
function pathBelow(root: string, path: string): string | undefined {
  if (path.split("/").includes("..")) return undefined;
  if (root === "/") return path;
  if (path === root) return "/";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** `/a/b` is in `/a/b`, `/a` and `/`. */
function levels(path: string): readonly string[] {
  const names = path.split("/").filter((name) => name !== "");
  const all = names.map((_, i) => `/${names.slice(0, names.length - i).join("/")}`);
  return [...all, "/"].slice(0, mostLevels);
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}
