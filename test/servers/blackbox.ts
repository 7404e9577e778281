import { writeFile } from "node:fs/promises";
import { type Child, freePort, startChild } from "@otel-health/testkit";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A module of the exporter by name, as in its configuration file. */
export type BlackboxModules = Readonly<Record<string, object>>;

/** A real Prometheus blackbox exporter on loopback. */
export class Blackbox implements AsyncDisposable {
  readonly #url: string;
  readonly #child: Child;
  readonly #folder: TemporaryFolder;

  constructor(url: string, child: Child, folder: TemporaryFolder) {
    this.#url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** Probes once: whether it was a success, and all the metrics of the probe by series. */
  async probe(
    module: string,
    target: string,
  ): Promise<{ readonly success: boolean; readonly metrics: ReadonlyMap<string, number> }> {
    const response = await fetch(`${this.#url}/probe?${new URLSearchParams({ module, target })}`);
    const page = await response.text();
    const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const metrics = new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
    );
    const success = metrics.get("probe_success");
    if (success === undefined) throw new Error(`no probe: ${page}`);
    return { success: success === 1, metrics };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts Debian's `prometheus-blackbox-exporter` and resolves when it listens. */
export async function startBlackbox(modules: BlackboxModules): Promise<Blackbox> {
  const folder = await temporaryFolder("blackbox");
  const address = `127.0.0.1:${await freePort()}`;
  const configFile = `${folder.path}/blackbox.yml`;
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify({ modules }));
  const child = await startChild({
    command: "prometheus-blackbox-exporter",
    args: [`--config.file=${configFile}`, `--web.listen-address=${address}`],
    ready: /Listening on/,
  });
  return new Blackbox(`http://${address}`, child, folder);
}
