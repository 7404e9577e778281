import type { ReadFile } from "./read-file.ts";

/** A control group that limits this process's memory. */
export interface LimitedGroup {
  readonly limitBytes: number;
  /** What is in use by all processes of the group and cannot be taken back from them; undefined where it is not told. */
  readonly usedBytes: number | undefined;
}

/** What the kernel calls the files and fields of one version of control groups. */
interface Version {
  readonly limit: string;
  readonly usage: string;
  /** Fields of `memory.stat`, of the group and those below it, that the kernel takes back when memory is short. */
  readonly reclaimable: readonly string[];
}

const v1: Version = {
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  reclaimable: ["total_active_file", "total_inactive_file"],
};
const v2: Version = {
  limit: "memory.max",
  usage: "memory.current",
  reclaimable: ["active_file", "inactive_file", "slab_reclaimable"],
};

/**
 * The control groups, this process's own and those around it as far as they can be seen, that limit its memory to less
 * than `totalBytes`, the machine's. Not `process.constrainedMemory()`: it knows its own group only, where the limit may
 * be that of one around it, and takes the soft limit for one.
 */
export function limitedGroups(read: ReadFile, totalBytes: number): readonly LimitedGroup[] {
  const place = findMemoryGroup(read("/proc/self/cgroup") ?? "", read("/proc/self/mountinfo") ?? "");
  if (place === undefined) return [];
  const { version, folders } = place;
  // Version 1 tells of the limits around a group even where those groups cannot be seen.
  const around = parseStat(read(`${folders[0]}/memory.stat`)).get("hierarchical_memory_limit");
  const groups: LimitedGroup[] = [];
  for (const folder of folders) {
    const own = parseBytes(read(`${folder}/${version.limit}`)) ?? Number.POSITIVE_INFINITY;
    const limitBytes = folder === folders[0] ? Math.min(own, around ?? own) : own;
    // "No limit" is the largest number that fits, and a limit beyond the machine's memory is none.
    if (!(limitBytes > 0 && limitBytes < totalBytes)) continue;
    const usage = parseBytes(read(`${folder}/${version.usage}`));
    const stat = parseStat(read(`${folder}/memory.stat`));
    const reclaimable = version.reclaimable.reduce((sum, field) => sum + (stat.get(field) ?? 0), 0);
    groups.push({ limitBytes, usedBytes: usage === undefined ? undefined : Math.max(0, usage - reclaimable) });
  }
  return groups;
}

interface Place {
  readonly version: Version;
  /** The group's own folder first, then those around it, up to where the hierarchy is mounted. */
  readonly folders: readonly string[];
}

/** Where the files of this process's memory group are, from what the kernel says of groups and mounts. */
function findMemoryGroup(cgroup: string, mountinfo: string): Place | undefined {
  const lines = cgroup.split("\n").map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line));
  const pathOf = (isIt: (controllers: readonly string[]) => boolean) =>
    lines.find((line) => line !== null && isIt((line[1] ?? "").split(",")))?.[2];
  // Where both versions are mounted, memory belongs to one of them, and only version 1 names it.
  const path1 = pathOf((controllers) => controllers.includes("memory"));
  const path = path1 ?? pathOf(([controller]) => controller === "");
  const mount = path1 === undefined ? findMount(mountinfo, "cgroup2", "") : findMount(mountinfo, "cgroup", "memory");
  if (path === undefined || mount === undefined) return undefined;
  return { version: path1 === undefined ? v2 : v1, folders: foldersOf(path, mount) };
}

interface Mount {
  /** Which part of the hierarchy is mounted: all of it is "/". */
  readonly root: string;
  readonly point: string;
}

function findMount(mountinfo: string, type: string, option: string): Mount | undefined {
  for (const line of mountinfo.split("\n")) {
    const [head = "", tail = ""] = line.split(" - ");
    const [, , , root, point] = head.split(" ");
    const [mountedType, , options = ""] = tail.split(" ");
    if (root === undefined || point === undefined || mountedType !== type) continue;
    if (option === "" || options.split(",").includes(option)) return { root: unescaped(root), point: unescaped(point) };
  }
  return undefined;
}

/** Spaces and the like stand in mountinfo as octal numbers. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function foldersOf(path: string, { root, point }: Mount): readonly string[] {
  // A path that leads out of what is mounted is one that this process must not see: what is mounted is all there is.
  const inside = root === "/" ? path : path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : "";
  const names = inside.split("/").filter((name) => name !== "");
  if (names.includes("..")) return [point];
  return names.map((_, index) => [point, ...names.slice(0, names.length - index)].join("/")).concat(point);
}

/** The fields of `memory.stat`; none where it cannot be read. */
function parseStat(text: string = ""): ReadonlyMap<string, number> {
  return new Map(Array.from(text.matchAll(/^(\w+) (\d+)$/gm), ([, field = "", value]) => [field, Number(value)]));
}

/** A number of bytes; undefined for what is none, such as `max`. */
function parseBytes(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
