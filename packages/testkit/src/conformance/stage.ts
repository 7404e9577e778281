import { STATUS_CODES } from "node:http";
import { type EndpointOptions, type Endpoints, type Health, type HealthResponse, notFound } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { RawConnection, type RawResponse } from "../raw-connection.ts";
import type { ConformanceAdapter, ConformanceServer, Mount, Setup } from "./adapter.ts";
import { type Ask, requestBytes } from "./ask.ts";
import { probedHealth } from "./probed-health.ts";

/** An answer as two of them are compared, whoever gave it. */
export interface Told {
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** One character a byte. */
  readonly body: string;
}

/** What is served, beside the adapter's choice. */
export interface StageOptions extends Partial<Omit<Setup, "mounts">> {
  readonly options?: EndpointOptions;
  readonly under?: string;
  /** Default {@link probedHealth}, on the stage's clock. */
  readonly health?: Health;
  /** Mounted beside the first. */
  readonly others?: readonly Mount[];
}

/** What Node adds to every response. */
const added: ReadonlySet<string> = new Set(["date", "connection", "keep-alive"]);

/** A server of one adapter, and what core says that it should answer. */
export class Stage implements AsyncDisposable {
  readonly port: number;
  readonly health: Health;
  readonly clock: FakeClock;
  readonly #adapter: ConformanceAdapter;
  readonly #host: string;
  readonly #server: ConformanceServer;
  readonly #endpoints: Endpoints;

  private constructor(
    adapter: ConformanceAdapter,
    server: ConformanceServer,
    host: string,
    clock: FakeClock,
    { health, options = {} }: Mount,
  ) {
    this.#adapter = adapter;
    this.#server = server;
    this.#host = host;
    this.port = server.port;
    this.clock = clock;
    this.health = health;
    this.#endpoints = health.endpoints(options);
  }

  static async open(adapter: ConformanceAdapter, given: StageOptions = {}): Promise<Stage> {
    const { options, under, health, others = [], first = "probes", host = "127.0.0.1", ...rest } = given;
    const clock = new FakeClock();
    const mount: Mount = {
      health: health ?? (await probedHealth(clock)),
      ...(options && { options }),
      ...(under !== undefined && { under }),
    };
    const server = await adapter.serve({ ...rest, first, host, mounts: [mount, ...others] });
    return new Stage(adapter, server, host, clock, mount);
  }

  connect(): RawConnection {
    return new RawConnection(this.port, this.#host);
  }

  /** The answer to one request on a connection of its own. */
  async ask(ask: Ask): Promise<RawResponse> {
    using connection = this.connect();
    return await connection.send(requestBytes(ask)).response({ toHead: ask.method === "HEAD" });
  }

  /** What the server was told to send. */
  sent({ version, status, reason, headers, body }: RawResponse): Told {
    const own = headers.filter(([name]) => !added.has(name.toLowerCase()));
    return this.#comparable({ statusLine: `HTTP/${version} ${status} ${reason}`, headers: own, body });
  }

  /** What core answers; throws where the request is for no probe. */
  told({ method = "GET", url, headers = {} }: Ask): Told {
    const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const answer = this.#endpoints.respond({ method, url, headers: lowerCase });
    if (answer === undefined) throw new Error(`core takes ${method} ${url} for no probe`);
    return this.writtenDown(answer);
  }

  /** An answer of core's as it looks on the wire. */
  writtenDown({ status, rawHeaders, body }: HealthResponse): Told {
    const headers: [string, string][] = [];
    for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i] ?? "", rawHeaders[i + 1] ?? ""]);
    return this.#comparable({
      statusLine: `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      headers,
      body: Buffer.from(body).toString("latin1"),
    });
  }

  /** What is answered to a request for nothing that there is, where no application decides on it. */
  notFound(method: "GET" | "HEAD" = "GET"): Told {
    return this.writtenDown(notFound[method]);
  }

  #comparable(told: Told): Told {
    if (!this.#adapter.throughFetch) return told;
    const headers = told.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
    return { ...told, headers: headers.sort(([one], [other]) => (one < other ? -1 : 1)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endpoints.close();
    await this.#server[Symbol.asyncDispose]();
    await this.health.stop();
  }
}
