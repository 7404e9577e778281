import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, freePort, startChild, until } from "@otel-health/testkit";

/** One series of an instant query's answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Options of {@link startPrometheus}. */
export interface PrometheusOptions {
  /** `target` is `host:port`; what is scraped is its `/metrics`. */
  readonly scrape: readonly { readonly job: string; readonly target: string }[];
  /** Default 100. */
  readonly scrapeIntervalMs?: number;
}

/** A real Prometheus on a loopback port, with its data in a temporary folder. */
export class Prometheus implements AsyncDisposable {
  readonly url: string;
  /** Configuration and data; removed at the end. */
  readonly folder: string;
  readonly #child: Child;

  constructor(url: string, child: Child, folder: string) {
    this.url = url;
    this.folder = folder;
    this.#child = child;
  }

  /** Evaluates an instant vector or a scalar now; rejects with Prometheus' own words for anything else. */
  async query(promql: string): Promise<Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query: promql })}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== "success") throw new Error(`${promql}: ${answer.error}`);
    const { data } = answer;
    if (data.resultType === "scalar") return [{ labels: {}, value: Number(data.result[1]) }];
    if (data.resultType !== "vector") throw new Error(`${promql}: a ${data.resultType} is no instant vector`);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Queries until one sample of the answer satisfies `predicate` (default: the first), and resolves to that. */
  async waitForSample(
    promql: string,
    predicate: (sample: Sample) => boolean = () => true,
    { timeoutMs = 20_000 } = {},
  ): Promise<Sample> {
    let last: Sample[] = [];
    return until(
      async () => {
        last = await this.query(promql);
        return last.find(predicate);
      },
      { describe: () => `a sample of ${promql} such that ${predicate}, not ${JSON.stringify(last)}`, timeoutMs },
    );
  }

  /** Stops the server and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

type Answer =
  | { readonly status: "error"; readonly error: string }
  | {
      readonly status: "success";
      readonly data:
        | { readonly resultType: "scalar"; readonly result: readonly [number, string] }
        | {
            readonly resultType: "vector";
            readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
          }
        | { readonly resultType: "matrix" | "string" };
    };

/** Starts Debian's `prometheus` and resolves when it answers. Its first scrape comes 5 s later: that is built in. */
export async function startPrometheus({ scrape, scrapeIntervalMs = 100 }: PrometheusOptions): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "otel-health-prometheus-"));
  const address = `127.0.0.1:${await freePort()}`;
  const interval = `${scrapeIntervalMs}ms`;
  // JSON is YAML.
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: scrape.map(({ job, target }) => ({ job_name: job, static_configs: [{ targets: [target] }] })),
  };
  const configFile = join(folder, "prometheus.yml");
  await writeFile(configFile, JSON.stringify(config));
  try {
    const child = await startChild({
      command: "prometheus",
      args: [`--config.file=${configFile}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`],
      ready: /Server is ready to receive web requests/,
    });
    return new Prometheus(`http://${address}`, child, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
