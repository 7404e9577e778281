import type { IncomingMessage, ServerResponse } from "node:http";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createHealth } from "@otel-health/core";

/** What is to be scraped: the series of as many checks, in both contenders. */
export interface ScrapeOptions {
  readonly folder: string;
  readonly checks: number;
  /** Whose instruments they are: every line of a page says so. */
  readonly scope: { readonly name: string; readonly version: string };
}

/** The scope of the library's own instruments. */
export function coreScope(): ScrapeOptions["scope"] {
  const { instrumentationName: name, instrumentationVersion: version } = createHealth().instrumentation;
  return { name, version };
}

/** Questions that both contenders answer. */
export type ScrapeAnswers = {
  /** Resolves once there is what is to be scraped. */
  readonly start: () => Promise<void>;
  /** Asks startup, readiness and liveness once, as an orchestrator does: from then on their answers are kept ready. */
  readonly probe: () => void;
  readonly page: () => Promise<string>;
  /** Makes the page as often as this. */
  readonly scrape: (times: number) => Promise<void>;
  readonly cpuUs: () => number;
  /** Bytes that are kept once all garbage is gone; asked last, since a floor forgets its checks. */
  readonly keptBytes: () => Promise<number>;
};

/** Milliseconds since every check's result at each scrape, in both contenders. */
export const resultAgeMs = 1_234.5;

/** A real meter provider, and the page that a Prometheus server would be given. */
export class Scraped {
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly provider: MeterProvider = new MeterProvider({
    readers: [this.#exporter],
    views: [{ instrumentName: "health.*", aggregationCardinalityLimit: 1_000_000 }],
  });

  page(): Promise<string> {
    return new Promise((end) => {
      const response: unknown = { setHeader() {}, end };
      this.#exporter.getMetricsRequestHandler({} as IncomingMessage, response as ServerResponse);
    });
  }

  async scrape(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.page();
  }
}
