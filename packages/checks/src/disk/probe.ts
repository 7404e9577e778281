import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";

const written = Buffer.from("written and removed by a health check\n");
// Nobody else's file: not through a symbolic link, and not cut before it was looked at.
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Writes a small file, has it stored, and removes it. Always the same one, so that a crash in between leaves one at most,
 * until the next run. Throws for a file that someone else has there, which is left alone.
 */
export async function probe(path: string): Promise<void> {
  const file = await open(path, flags, 0o600);
  let ours = false;
  try {
    ours = await isOurs(file);
    if (!ours) throw new NotOurs(path);
    await file.write(written, 0, written.length, 0);
    // What the kernel keeps for later has been written nowhere.
    await file.sync();
  } finally {
    await file.close();
    if (ours) await remove(path);
  }
}

/**
 * Whether there is nothing in a file but what a probe has written, all of it or as much as it came to: of a crash, or of
 * another instance in this moment. It is asked of the very file that is written to then, whatever becomes of its name.
 */
async function isOurs(file: FileHandle): Promise<boolean> {
  // Reading anything else may wait for ever.
  if (!(await file.stat()).isFile()) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(written.length + 1), 0, written.length + 1, 0);
  return buffer.subarray(0, bytesRead).equals(written.subarray(0, bytesRead));
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    // Another instance on the same volume was faster.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** The file is not one that this has written. */
class NotOurs extends Error {
  override readonly name = "NotOurs";
  readonly code = "EEXIST";

  constructor(path: string) {
    super(`${path} is somebody else's file`);
  }
}
