import { execFile } from "node:child_process";
import { appendFile, chmod, chown, cp, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { freePort } from "@otel-health/testkit";
import { Client } from "pg";
import { pathOf } from "./require-server.ts";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The user and the group of that name. */
const nobody = 65_534;

/** The programs that `startPostgres` runs, for `missing()`. */
export const postgresPrograms: readonly string[] = ["postgres", "initdb"];

/** A real PostgreSQL on loopback, with a cluster of its own, which can be ended and started again. */
export class Postgres extends ServerProcess {
  readonly port: number;
  readonly folder: TemporaryFolder;

  constructor(port: number, folder: TemporaryFolder) {
    const options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", folder.path];
    super({
      name: "PostgreSQL",
      ...asNobody("postgres", "-D", dataOf(folder), "-p", String(port), ...options),
      isUp: async () => (await this.query("SELECT 1")).length === 1,
      // Whoever is connected is cut off at once.
      stop: { signal: "SIGINT", timeoutMs: 10_000 },
    });
    this.port = port;
    this.folder = folder;
  }

  /** Has TLS with this certificate, for connections from now on. */
  async present({ cert, key }: { readonly cert: string; readonly key: string }): Promise<void> {
    const files = { cert: `${this.folder.path}/server.pem`, key: `${this.folder.path}/server-key.pem` };
    await writeFile(files.cert, cert);
    await writeFile(files.key, key, { mode: 0o600 });
    // It takes a key from nobody but itself.
    if (process.getuid?.() === 0) await chown(files.key, nobody, nobody);
    await this.query(`ALTER SYSTEM SET ssl_cert_file = '${files.cert}'`);
    await this.query(`ALTER SYSTEM SET ssl_key_file = '${files.key}'`);
    await this.query("ALTER SYSTEM SET ssl = on");
    await this.query("SELECT pg_reload_conf()");
  }

  /** Asks it directly, past whatever stands between it and the service; resolves to the rows. */
  async query(sql: string, { user = "postgres" } = {}): Promise<readonly Record<string, unknown>[]> {
    const client = new Client({ host: "127.0.0.1", port: this.port, user, database: "postgres" });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

/** Makes a cluster in a temporary folder and starts a server over it; only `postgres` is trusted where `auth` is another. */
export async function startPostgres({ auth = "trust" } = {}): Promise<Postgres> {
  const folder = await temporaryFolder("postgres");
  const { command, args } = asNobody("initdb", "-D", dataOf(folder), "-A", "trust", "-U", "postgres", "--no-sync");
  await promisify(execFile)(command, args);
  if (auth !== "trust") await writeFile(`${dataOf(folder)}/pg_hba.conf`, hba(auth));
  return started(new Postgres(await freePort(), folder));
}

/** A hot standby of a primary, which is stopped for as long as it takes to copy its data. */
export async function startStandby(primary: Postgres): Promise<Postgres> {
  const folder = await temporaryFolder("standby");
  await primary.stop();
  await cp(dataOf(primary.folder), dataOf(folder), { recursive: true, preserveTimestamps: true });
  await primary.start();
  await writeFile(`${dataOf(folder)}/standby.signal`, "");
  const connection = `host=127.0.0.1 port=${primary.port} user=postgres`;
  await appendFile(`${dataOf(folder)}/postgresql.auto.conf`, `primary_conninfo = '${connection}'\n`);
  if (process.getuid?.() === 0) await promisify(execFile)("chown", ["-R", `${nobody}:${nobody}`, dataOf(folder)]);
  await chmod(dataOf(folder), 0o700);
  return started(new Postgres(await freePort(), folder));
}

async function started(postgres: Postgres): Promise<Postgres> {
  try {
    await postgres.start();
    return postgres;
  } catch (error) {
    await postgres[Symbol.asyncDispose]();
    throw error;
  }
}

function hba(auth: string): string {
  return `host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 ${auth}\n`;
}

function dataOf({ path }: TemporaryFolder): string {
  return `${path}/data`;
}

/** PostgreSQL refuses to run as root. No shell and no `su` stand between: a signal must reach the server. */
function asNobody(program: string, ...args: readonly string[]): { readonly command: string; readonly args: string[] } {
  const command = pathOf(program) ?? program;
  if (process.getuid?.() !== 0) return { command, args: [...args] };
  return {
    command: "setpriv",
    args: [`--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--pdeathsig=INT", command, ...args],
  };
}
