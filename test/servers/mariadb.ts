import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { freePort } from "@otel-health/testkit";
import { createConnection } from "mysql2/promise";
import { pathOf } from "./require-server.ts";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that `startMariadb` runs, for `missing()`. */
export const mariadbPrograms: readonly string[] = ["mariadbd", "mariadb-install-db"];

/** PEM of a certificate and its key. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What a server is started with beside its data. */
export interface MariadbOptions {
  /** More of `mariadbd`'s own, such as `--server-id=2`. */
  readonly args?: readonly string[];
  /** With which it speaks TLS; default it speaks none. */
  readonly certificate?: Certificate;
}

/** A real MariaDB on loopback, with data of its own, which can be ended and started again. */
export class Mariadb extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;

  constructor(port: number, folder: TemporaryFolder, args: readonly string[]) {
    super({
      name: "MariaDB",
      ...asNobody("mariadbd", [
        ...ownFiles(folder),
        "--bind-address=127.0.0.1",
        `--port=${port}`,
        `--socket=${folder.path}/s`,
        `--pid-file=${folder.path}/pid`,
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=16M",
        ...args,
      ]),
      isUp: async () => (await this.query("SELECT 1")).length === 1,
      stop: { signal: "SIGTERM", timeoutMs: 15_000 },
    });
    this.port = port;
    this.#folder = folder;
  }

  /** Speaks TLS with another certificate on connections that are opened from now on. */
  async present(certificate: Certificate): Promise<void> {
    await writeCertificate(this.#folder, certificate);
    await this.query("FLUSH SSL");
  }

  /** Asks it directly, past whatever stands between it and the service; resolves to the rows. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const connection = await createConnection({ host: "127.0.0.1", port: this.port, user: "root" });
    connection.on("error", () => {});
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      connection.destroy();
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Makes data in a temporary folder and starts a server over it; `root` has no password. */
export async function startMariadb({ args = [], certificate }: MariadbOptions = {}): Promise<Mariadb> {
  const folder = await temporaryFolder("mariadb");
  const tls: string[] = [];
  if (certificate !== undefined) {
    await writeCertificate(folder, certificate);
    tls.push(`--ssl-cert=${certOf(folder)}`, `--ssl-key=${keyOf(folder)}`);
  }
  const install = asNobody("mariadb-install-db", [
    ...ownFiles(folder),
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
  ]);
  await promisify(execFile)(install.command, install.args);
  const mariadb = new Mariadb(await freePort(), folder, [...tls, ...args]);
  try {
    await mariadb.start();
    return mariadb;
  } catch (error) {
    await mariadb[Symbol.asyncDispose]();
    throw error;
  }
}

const certOf = ({ path }: TemporaryFolder) => `${path}/cert.pem`;
const keyOf = ({ path }: TemporaryFolder) => `${path}/key.pem`;

async function writeCertificate(folder: TemporaryFolder, { cert, key }: Certificate): Promise<void> {
  await writeFile(certOf(folder), cert);
  await writeFile(keyOf(folder), key);
}

/** Its own, and none of the machine's configuration. */
function ownFiles({ path }: TemporaryFolder): readonly string[] {
  return ["--no-defaults", `--datadir=${path}/data`, `--tmpdir=${path}`];
}

/** MariaDB refuses to run as root. No shell and no `su` stand between: a signal must reach the server. */
function asNobody(program: string, args: readonly string[]): { readonly command: string; readonly args: string[] } {
  const command = pathOf(program) ?? program;
  if (process.getuid?.() !== 0) return { command, args: [...args] };
  return { command: "setpriv", args: ["--reuid=nobody", "--regid=nogroup", "--clear-groups", command, ...args] };
}
