import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { Child, freePort } from "@otel-health/testkit";
import { connect } from "amqplib";
import { pathOf } from "./require-server.ts";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that `startRabbitmq` runs, for `missing()`. */
export const rabbitmqPrograms: readonly string[] = ["rabbitmq-server", "rabbitmqctl", "epmd"];

/** Debian's commands of these names give up root in a way of their own; what they run is here. */
const scripts = "/usr/lib/rabbitmq/bin";

/** What a node and the tools that talk to it are told about it. */
interface Node {
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: TemporaryFolder;
  /** Erlang's name server, of this node alone: the machine's own is left in peace. */
  readonly epmd: Child;
}

/** A real RabbitMQ on loopback, with a node name, a name server and data of its own, which can be ended and started again. */
export class Rabbitmq extends ServerProcess {
  readonly port: number;
  readonly #node: Node;

  constructor(node: Node) {
    super({
      name: "RabbitMQ",
      ...asNobody(`${scripts}/rabbitmq-server`),
      env: node.env,
      isUp: async () => {
        const connection = await connect({ hostname: "127.0.0.1", port: node.port });
        await connection.close();
      },
      // Its own way to end takes seconds, and what it is for is not needed here.
      stop: { signal: "SIGKILL", timeoutMs: 10_000 },
    });
    this.port = node.port;
    this.#node = node;
  }

  /** Runs `rabbitmqctl`, past whatever stands between the broker and the service; resolves to what it printed. */
  async ctl(...args: readonly string[]): Promise<string> {
    const { command, args: all } = asNobody(`${scripts}/rabbitmqctl`, "--quiet", ...args);
    return (await promisify(execFile)(command, all, { env: this.#node.env })).stdout;
  }

  /** Has a memory alarm, which blocks every connection that publishes. */
  async alarm(on: boolean): Promise<void> {
    await this.ctl("set_vm_memory_high_watermark", on ? "0.00001" : "0.9");
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#node.epmd.stop();
    await this.#node.folder[Symbol.asyncDispose]();
  }
}

/** Starts a node over empty data; `guest` may connect, as nowhere but on loopback. */
export async function startRabbitmq(): Promise<Rabbitmq> {
  const folder = await temporaryFolder("rabbitmq");
  const [port, distribution, names] = await Promise.all([freePort(), freePort(), freePort()]);
  await writeFile(`${folder.path}/plugins`, "[].");
  await writeFile(
    `${folder.path}/rabbitmq.conf`,
    "vm_memory_high_watermark.relative = 0.9\ndisk_free_limit.absolute = 1MB\n",
  );
  await writeFile(`${folder.path}/empty.conf`, "");
  const env = {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: folder.path,
    // Erlang's own process takes the place of the script, so that signals reach it.
    RUNNING_UNDER_SYSTEMD: "true",
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(names),
    RABBITMQ_NODENAME: `otel-health-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
    RABBITMQ_CONF_ENV_FILE: `${folder.path}/empty.conf`,
    RABBITMQ_CONFIG_FILE: `${folder.path}/rabbitmq.conf`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder.path}/plugins`,
    RABBITMQ_MNESIA_BASE: `${folder.path}/mnesia`,
    RABBITMQ_LOG_BASE: `${folder.path}/log`,
    RABBITMQ_PID_FILE: `${folder.path}/pid`,
    RABBITMQ_LOGS: "-",
  };
  const epmd = new Child({
    ...asNobody(pathOf("epmd") ?? "epmd", "-address", "127.0.0.1", "-port", String(names)),
    env,
  });
  const rabbitmq = new Rabbitmq({ port, env, folder, epmd });
  try {
    await rabbitmq.start();
    return rabbitmq;
  } catch (error) {
    await rabbitmq[Symbol.asyncDispose]();
    throw error;
  }
}

/** No broker as root. No shell and no `su` stand between: a signal must reach it. */
function asNobody(command: string, ...args: readonly string[]): { readonly command: string; readonly args: string[] } {
  if (process.getuid?.() !== 0) return { command, args: [...args] };
  return { command: "setpriv", args: ["--reuid=nobody", "--regid=nogroup", "--clear-groups", command, ...args] };
}
