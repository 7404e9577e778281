import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A standard error whose reader stands still. */
export interface StuckStderr {
  /** For a shell, in which the process is `"$@"`. */
  readonly exec: string;
  /** Reads on; what the process has said so far. */
  read(): string;
}

/** Each kind of it that there is to be stuck; a file never is. */
export const stuckStderrs: { readonly [kind: string]: () => Promise<StuckStderr> } = {
  pipe: fullPipe,
  socket: fullSocket,
  file,
};

/** Full to the last byte before the process starts. */
async function fullPipe(): Promise<StuckStderr> {
  const path = join(folder(), "pipe");
  execFileSync("mkfifo", [path]);
  // Held at both ends, so that neither the process nor this one waits for the other.
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(pipe));
  const piece = Buffer.alloc(4_096, "x");
  while (unlessStuck(() => writeSync(pipe, piece)) > 0);
  const buffer = Buffer.alloc(65_536);
  let all = "";
  return {
    exec: `exec "$@" 2>${path}`,
    read() {
      all += buffer.toString(
        "utf8",
        0,
        unlessStuck(() => readSync(pipe, buffer)),
      );
      return said(all);
    },
  };
}

/** 0 where the pipe is full, or has nothing. */
function unlessStuck(move: () => number): number {
  try {
    return move();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
    throw error;
  }
}

/** As a supervisor or systemd's journal gives one. A shell has no sockets, Perl is on every Debian. */
const intoSocket = `
  use Socket; use Fcntl;
  socket(SOCKET, AF_UNIX, SOCK_STREAM, 0) and connect(SOCKET, pack_sockaddr_un(shift)) or die $!;
  fcntl(SOCKET, F_SETFL, O_RDWR | O_NONBLOCK);
  1 while syswrite SOCKET, "x" x 1000;
  fcntl(SOCKET, F_SETFL, O_RDWR);
  open STDERR, ">&", SOCKET;
  exec { $ARGV[0] } @ARGV;
`;

async function fullSocket(): Promise<StuckStderr> {
  const path = join(folder(), "socket");
  let reader: Socket | undefined;
  let all = "";
  const server = createServer({ pauseOnConnect: true }, (connection) => {
    reader = connection.on("data", (data) => {
      all += data;
    });
  });
  await once(server.listen(path), "listening");
  onTestFinished(() => {
    reader?.destroy();
    server.close();
  });
  return {
    exec: `exec perl -e '${intoSocket}' ${path} "$@"`,
    read() {
      reader?.resume();
      return said(all);
    },
  };
}

async function file(): Promise<StuckStderr> {
  const path = join(folder(), "file");
  return { exec: `exec "$@" 2>${path}`, read: () => readFileSync(path, "utf8") };
}

/** Without what it was full of. */
function said(all: string): string {
  return all.replace(/^x+/, "");
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "otel-health-stderr-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}
