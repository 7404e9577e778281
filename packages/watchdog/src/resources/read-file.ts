import { readFileSync } from "node:fs";

/**
 * The text of one of the kernel's files; undefined where there is none or it cannot be read. Synchronous: these files
 * are made of memory, and a read through the thread pool would wait for whatever hangs there.
 */
export type ReadFile = (path: string) => string | undefined;

/** Reads them where they are. */
export const readKernelFile: ReadFile = (path) => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
};
