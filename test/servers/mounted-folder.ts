import { spawnSync } from "node:child_process";
import { Child } from "@otel-health/testkit";
import { temporaryFolder } from "./temporary-folder.ts";

/** A small file system of its own, in memory, which nobody else sees. */
export interface MountedFolder extends AsyncDisposable {
  readonly path: string;
  /** Mounts it again with these options, such as "ro". */
  readonly remount: (options: string) => Promise<void>;
}

/** Whether this process may mount something where only it and its children see it. */
export function canMount(): boolean {
  return spawnSync("unshare", ["-rm", "true"]).status === 0;
}

/** Mounts one; `options` are those of tmpfs, such as "size=1m,nr_inodes=20". */
export async function mountFolder(options: string): Promise<MountedFolder> {
  const folder = await temporaryFolder("mounted");
  // The mount is in a namespace of a shell's, and ends with that; it is reached through the shell's root.
  const shell = new Child({ command: "unshare", args: ["-rm", "sh"] });
  let done = 0;
  const run = async (command: string) => {
    done++;
    shell.sendLine(`${command} && echo done ${done}`);
    await shell.waitForLine(new RegExp(`^done ${done}$`));
  };
  await run(`mount -t tmpfs -o ${options} tmpfs ${folder.path}`);
  return {
    path: `/proc/${shell.pid}/root${folder.path}`,
    remount: (changed) => run(`mount -o remount,${changed} ${folder.path}`),
    async [Symbol.asyncDispose]() {
      shell.endInput();
      await shell.exited;
      await folder[Symbol.asyncDispose]();
    },
  };
}
