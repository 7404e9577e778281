import type { Diagnosis } from "../dependency/diagnosis.ts";

const gone: Diagnosis = { fault: "persistent", hint: "what was mounted there is gone: mount it again" };

/** By the codes of the system. */
const codes: { readonly [code: string]: Diagnosis } = {
  ENOENT: {
    fault: "persistent",
    hint: "there is no such file or folder: is the path right, and is the volume mounted?",
  },
  ENOTDIR: { fault: "persistent", hint: "a part of the path is a file: is the path right?" },
  EEXIST: { fault: "persistent", hint: "something else is there: give a path that nothing else uses" },
  EISDIR: { fault: "persistent", hint: "that is a folder: is the path right?" },
  ELOOP: { fault: "persistent", hint: "there is a symbolic link where none may be: remove it" },
  EPERM: { fault: "persistent", hint: "this process may not do that: look at its user and its permissions" },
  EROFS: {
    fault: "persistent",
    hint: "the file system is read-only: after an error of the disk it is mounted so; look at the kernel's log",
  },
  ENOSPC: { hint: "there is no space or no inode left: remove what is old, or enlarge the volume" },
  EDQUOT: { hint: "the quota of this user or project is used up: remove what is old, or raise it" },
  EIO: { fault: "persistent", hint: "the disk does not work: look at the kernel's log" },
  ESTALE: gone,
  ENOTCONN: gone,
  ENODEV: gone,
  ENXIO: gone,
};

/** What an error of the file system means. */
export function diagnoseFileSystem(_error: unknown, errorType: string): Diagnosis | undefined {
  return Object.hasOwn(codes, errorType) ? codes[errorType] : undefined;
}
