import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Child, until } from "@otel-health/testkit";
import { pathOf } from "./require-server.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

const header = "/usr/include/librdkafka/rdkafka_mock.h";

/** The programs that `startKafka` runs, for `missing()`; what they compile is named as if it were one where it is not there. */
export const kafkaPrograms: readonly string[] = ["gcc", ...(existsSync(header) ? [] : ["librdkafka-dev"])];

/** A mock cluster of librdkafka on loopback: Kafka's protocol, and no broker behind it. */
export class Kafka implements AsyncDisposable {
  /** Of each broker, `127.0.0.1:port`. */
  readonly brokers: readonly string[];
  readonly #child: Child;
  readonly #folder: TemporaryFolder;

  constructor(child: Child, folder: TemporaryFolder, brokers: readonly string[]) {
    this.#child = child;
    this.#folder = folder;
    this.brokers = brokers;
  }

  /** Of the first broker. */
  get port(): number {
    return Number(this.brokers[0]?.split(":")[1]);
  }

  /** Creates a topic. */
  topic(name: string, partitions: number, replicas = 1): Promise<void> {
    return this.#tell(`topic ${name} ${partitions} ${replicas}`);
  }

  /** Makes a broker the leader of a partition; -1 for none. */
  leader(topic: string, partition: number, broker: number): Promise<void> {
    return this.#tell(`leader ${topic} ${partition} ${broker}`);
  }

  /** Closes every connection of a broker, and takes no more. */
  down(broker = 1): Promise<void> {
    return this.#tell(`down ${broker}`);
  }

  /** Lets it take connections again. */
  up(broker = 1): Promise<void> {
    return this.#tell(`up ${broker}`);
  }

  /** Answers so many requests of one kind with an error. */
  errors(apiKey: number, error: number, count: number): Promise<void> {
    return this.#tell(`errors ${apiKey} ${error} ${count}`);
  }

  /** Forgets the errors that were not given yet. */
  clear(apiKey: number): Promise<void> {
    return this.#tell(`clear ${apiKey}`);
  }

  pause(): void {
    process.kill(this.#child.pid as number, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.#child.pid as number, "SIGCONT");
  }

  /** As {@link down}: a cluster that was ended would come back with other ports. */
  stop(): Promise<void> {
    return this.down();
  }

  start(): Promise<void> {
    return this.up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.endInput();
    await this.#child.stop({ signal: "SIGKILL" });
    await this.#folder[Symbol.asyncDispose]();
  }

  async #tell(line: string): Promise<void> {
    const done = () => this.#child.stdout.filter((said) => said === "done").length;
    const before = done();
    this.#child.sendLine(line);
    await until(() => done() > before, { describe: line });
  }
}

/** Compiles the cluster, and starts it with that many brokers. */
export async function startKafka({ brokers = 1 } = {}): Promise<Kafka> {
  const folder = await temporaryFolder("kafka");
  const program = join(folder.path, "kafka");
  const source = join(import.meta.dirname, "kafka.c");
  await promisify(execFile)(pathOf("gcc") ?? "gcc", [source, "-o", program, "-lrdkafka"]);
  const child = new Child({ command: program, args: [String(brokers)] });
  const line = await child.waitForLine(/^brokers /);
  return new Kafka(child, folder, line.slice("brokers ".length).split(","));
}
