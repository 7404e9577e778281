import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Child, freePort, until } from "@otel-health/testkit";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A server of the balancer's back end, by the names of its statistics. */
export interface ServerStat {
  /** Such as `UP`, `DOWN`, `MAINT`, `DRAIN (agent)`. */
  readonly status: string;
  /** What its last check said, such as `L7STS/503` or `L7TOUT`. */
  readonly check: string;
  readonly weight: number;
}

/** A real HAProxy on loopback; asked through its admin socket. */
export class Haproxy implements AsyncDisposable {
  readonly url: string;
  readonly #socket: string;
  readonly #child: Child;
  readonly #folder: TemporaryFolder;

  constructor(url: string, socket: string, child: Child, folder: TemporaryFolder) {
    this.url = url;
    this.#socket = socket;
    this.#child = child;
    this.#folder = folder;
  }

  async stat(server: string): Promise<ServerStat> {
    const socket = connect(this.#socket);
    socket.end("show stat\n");
    const [header = "", ...lines] = (await text(socket)).replace(/^# /, "").split("\n");
    const names = header.split(",");
    const row = lines.map((line) => line.split(",")).find((cells) => cells[names.indexOf("svname")] === server);
    const cell = (name: string) => row?.[names.indexOf(name)] ?? "";
    const code = cell("check_code");
    return {
      status: cell("status"),
      check: `${cell("check_status").replace("* ", "")}${code && `/${code}`}`,
      weight: Number(cell("weight")),
    };
  }

  /** Resolves when the server's statistics are such. */
  async waitFor(server: string, expected: Partial<ServerStat>): Promise<void> {
    let last: ServerStat | undefined;
    await until(
      async () => {
        last = await this.stat(server);
        return Object.entries(expected).every(([name, value]) => last?.[name as keyof ServerStat] === value);
      },
      { describe: () => `${server} with ${JSON.stringify(expected)}, not ${JSON.stringify(last)}`, timeoutMs: 15_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop({ signal: "SIGKILL" });
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts Debian's `haproxy` in front of a back end, which is given as the lines of its section. */
export async function startHaproxy(backend: readonly string[]): Promise<Haproxy> {
  const folder = await temporaryFolder("haproxy");
  const port = await freePort();
  const socket = `${folder.path}/admin.sock`;
  const lines = [
    "global",
    `  stats socket ${socket} level admin`,
    "defaults",
    "  mode http",
    "  timeout connect 1s",
    "  timeout client 10s",
    "  timeout server 10s",
    "frontend orders",
    `  bind 127.0.0.1:${port}`,
    "  default_backend orders",
    "backend orders",
    ...backend.map((line) => `  ${line}`),
    "",
  ];
  const configFile = `${folder.path}/haproxy.cfg`;
  await writeFile(configFile, lines.join("\n"));
  const child = new Child({ command: "haproxy", args: ["-db", "-f", configFile] });
  const haproxy = new Haproxy(`http://127.0.0.1:${port}`, socket, child, folder);
  try {
    await until(() => haproxy.stat("BACKEND").then(() => true), { describe: () => `HAProxy answers: ${child.output}` });
    return haproxy;
  } catch (error) {
    await haproxy[Symbol.asyncDispose]();
    throw error;
  }
}
