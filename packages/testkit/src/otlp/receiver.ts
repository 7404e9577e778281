import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { type ReceivedLogRecord, readLogRecords } from "./log-records.ts";
import { type ReceivedMetric, readMetrics } from "./metrics.ts";
import { type ReceivedSpan, readSpans } from "./spans.ts";

/** An OTLP/HTTP end point on loopback that remembers what it got, in the order in which it came. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly logs: ReceivedLogRecord[] = [];
  /** One entry a metric and export. */
  readonly metrics: ReceivedMetric[] = [];
  /** Why requests were refused; empty in a good run. */
  readonly refused: string[] = [];
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then(
      // Zero bytes are a valid, empty answer of each of the three services.
      () => response.setHeader("content-type", "application/x-protobuf").end(),
      (error: unknown) => {
        this.refused.push(`${request.method} ${request.url}: ${error}`);
        response.writeHead(400).end();
      },
    );
  });

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const { "content-type": type, "content-encoding": encoding } = request.headers;
    const sent = await buffer(request);
    if (type !== "application/x-protobuf") throw new TypeError(`content-type ${type}`);
    const body = encoding === "gzip" ? gunzipSync(sent) : sent;
    switch (`${request.method} ${request.url}`) {
      case "POST /v1/traces":
        this.spans.push(...readSpans(body));
        return;
      case "POST /v1/logs":
        this.logs.push(...readLogRecords(body));
        return;
      case "POST /v1/metrics":
        this.metrics.push(...readMetrics(body));
        return;
      default:
        throw new TypeError("no such path");
    }
  }
}

/** Starts an {@link OtlpReceiver} on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const receiver = new OtlpReceiver();
  await receiver.listen();
  return receiver;
}
