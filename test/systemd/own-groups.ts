import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Control groups for a systemd that is not the machine's. In groups that it shares with others it takes itself for the
 * machine's, and moves every process out of its way; in groups of its own it finds nobody.
 */
export class OwnGroups implements Disposable {
  /** In the hierarchies in which it looks itself up. */
  readonly #entered: readonly string[];
  /** In those, and in the others, in which it makes groups of the same name. */
  readonly #all: readonly string[];

  /** Throws where this process may not make groups. */
  constructor() {
    const name = `otel-health-systemd-${process.pid}`;
    const hierarchies = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n").map(parse);
    const identifying = hierarchies.filter(({ controllers }) => controllers === "" || controllers === "name=systemd");
    this.#entered = identifying.map(({ mount, path }) => join(mount, path, name));
    this.#all = hierarchies.flatMap(({ mount }) => identifying.map(({ path }) => join(mount, path, name)));
    for (const folder of this.#entered) mkdirSync(folder);
  }

  /** Shell commands by which a process enters them. */
  get enter(): string {
    return this.#entered.map((folder) => `echo $$ >${folder}/cgroup.procs`).join(" && ");
  }

  /** Removes them with all that systemd has made below them. */
  [Symbol.dispose](): void {
    for (const folder of new Set(this.#all)) if (existsSync(folder)) removeGroup(folder);
  }
}

interface Hierarchy {
  readonly controllers: string;
  readonly path: string;
  readonly mount: string;
}

function parse(line: string): Hierarchy {
  const [, controllers = "", path = "/"] = line.split(":");
  const folders = controllers === "" ? ["unified", "."] : [controllers.replace("name=", "")];
  const mounts = folders.map((folder) => join("/sys/fs/cgroup", folder));
  return { controllers, path, mount: mounts.find((mount) => existsSync(join(mount, "cgroup.procs"))) ?? "" };
}

function removeGroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  rmdirSync(folder);
}
