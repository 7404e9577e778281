import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";

const written = Buffer.from("written and removed by a health check\n");
// Nobody else's file: not through a symbolic link, and not cut before it was looked at.
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Writes a small file, has it stored, and removes it. Always the same one, so that a crash in between leaves one at most,
 * until the next run. Throws for a file that someone else has there, which is left alone.
 */
export async function probe(path: string): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    const before = await file.stat();
    if (!before.isFile() || before.size > written.length) throw new NotOurs(path);
    await file.write(written, 0, written.length, 0);
    // What the kernel keeps for later has been written nowhere.
    await file.sync();
  } catch (error) {
    await file.close();
    if (!(error instanceof NotOurs)) await remove(path);
    throw error;
  }
  await file.close();
  await remove(path);
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
