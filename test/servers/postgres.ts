import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Child, freePort, until } from "@otel-health/testkit";
import { Client } from "pg";
import { pathOf } from "./require-server.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that `startPostgres` runs, for `missing()`. */
export const postgresPrograms: readonly string[] = ["postgres", "initdb"];

/** A real PostgreSQL on loopback, with a database of its own, which can be ended and started again. */
export class Postgres implements AsyncDisposable {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #child: Child | undefined;

  constructor(port: number, folder: TemporaryFolder) {
    this.port = port;
    this.#folder = folder;
  }

  /** Starts the server, with the data that it had. */
  async start(): Promise<void> {
    const options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", this.#folder.path];
    const child = new Child(asPostgres("postgres", "-D", dataOf(this.#folder), "-p", String(this.port), ...options));
    this.#child = child;
    await until(async () => (await this.query("SELECT 1")).length === 1, {
      describe: () => `PostgreSQL answers: ${child.output}`,
      timeoutMs: 30_000,
    });
  }

  /** Ends the server at once; whoever is connected is cut off. */
  async stop(): Promise<void> {
    await this.#child?.stop({ signal: "SIGINT", timeoutMs: 10_000 });
  }

  /** Asks it directly, past whatever stands between it and the service; resolves to the rows. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ host: "127.0.0.1", port: this.port, user: "postgres", database: "postgres" });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Makes a cluster in a temporary folder and starts a server over it. */
export async function startPostgres(): Promise<Postgres> {
  const folder = await temporaryFolder("postgres");
  const { command, args } = asPostgres("initdb", "-D", dataOf(folder), "-A", "trust", "-U", "postgres", "--no-sync");
  await promisify(execFile)(command, args);
  const postgres = new Postgres(await freePort(), folder);
  try {
    await postgres.start();
    return postgres;
  } catch (error) {
    await postgres[Symbol.asyncDispose]();
    throw error;
  }
}

function dataOf({ path }: TemporaryFolder): string {
  return `${path}/data`;
}

/** PostgreSQL refuses to run as root. Without a shell or a `su` between: a signal must reach the server. */
function asPostgres(
  program: string,
  ...args: readonly string[]
): { readonly command: string; readonly args: string[] } {
  const command = pathOf(program) ?? program;
  if (process.getuid?.() !== 0) return { command, args: [...args] };
  return { command: "setpriv", args: ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...args] };
}
