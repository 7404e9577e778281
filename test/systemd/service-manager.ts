import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child, until } from "@otel-health/testkit";
import { type TemporaryFolder, temporaryFolder } from "../servers/temporary-folder.ts";
import { OwnGroups } from "./own-groups.ts";

const run = promisify(execFile);

/**
 * A real systemd that manages services of a test: a user's manager in control groups and a mount namespace of its own,
 * whose `/run` is empty but for what says that systemd is there. It needs root.
 */
export class ServiceManager implements AsyncDisposable {
  /** For the services' own use. */
  readonly folder: string;
  readonly #temporary: TemporaryFolder;
  readonly #groups = new OwnGroups();
  readonly #child: Child;
  readonly #env: NodeJS.ProcessEnv;

  constructor(temporary: TemporaryFolder) {
    this.folder = temporary.path;
    this.#temporary = temporary;
    this.#env = { PATH: process.env["PATH"], XDG_RUNTIME_DIR: temporary.path, XDG_CONFIG_HOME: temporary.path };
    mkdirSync(join(this.folder, "systemd", "user"), { recursive: true });
    const inside = "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec /lib/systemd/systemd --user";
    const args = ["--mount", "--propagation", "private", "sh", "-c", `${this.#groups.enter} && ${inside}`];
    this.#child = new Child({ command: "unshare", args, env: this.#env });
  }

  /** Resolves when it takes orders; otherwise rejects, and nothing is left of it. */
  static async start(): Promise<ServiceManager> {
    const manager = new ServiceManager(await temporaryFolder("systemd"));
    const answers = () => manager.order("show", "--property=Version").then(() => true);
    try {
      await until(answers, { describe: () => `systemd; it said: ${manager.#child.output}`, timeoutMs: 20_000 });
      return manager;
    } catch (error) {
      await manager[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `systemctl --user`; rejects where that fails. */
  async order(...args: readonly string[]): Promise<string> {
    return (await run("systemctl", ["--user", ...args], { env: this.#env })).stdout;
  }

  /** Writes a unit file; `service` are the lines of its section. */
  async define(name: string, service: readonly string[]): Promise<void> {
    const text = ["[Service]", ...service, "", "[Unit]", "StartLimitIntervalSec=0", ""].join("\n");
    writeFileSync(join(this.folder, "systemd", "user", `${name}.service`), text);
    await this.order("daemon-reload");
  }

  /** The unit's properties of now. */
  async show(name: string): Promise<Readonly<Record<string, string>>> {
    const lines = (await this.order("show", `${name}.service`)).split("\n");
    return Object.fromEntries(lines.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  }

  /** Resolves to the unit's properties when they are such. */
  async waitFor(
    name: string,
    expected: Readonly<Record<string, string | RegExp>>,
  ): Promise<Readonly<Record<string, string>>> {
    let last: Readonly<Record<string, string>> = {};
    const holds = async () => {
      last = await this.show(name);
      const all = Object.entries(expected).every(([property, value]) =>
        value instanceof RegExp ? value.test(last[property] ?? "") : last[property] === value,
      );
      return all && last;
    };
    const seen = () => JSON.stringify(Object.keys(expected).map((property) => last[property]));
    return until(holds, {
      describe: () => `${name} with ${JSON.stringify(expected)}, not ${seen()}; systemd said:\n${this.#child.output}`,
      timeoutMs: 60_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It ends its services, and then itself.
    await this.order("exit").catch(() => this.#child.stop());
    await this.#child.exited;
    this.#groups[Symbol.dispose]();
    await this.#temporary[Symbol.asyncDispose]();
  }
}
