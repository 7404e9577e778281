import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Attributes } from "@opentelemetry/api";
import type { Clock } from "@otel-health/core";
import { contained } from "../contained.ts";
import type { Degradation } from "../degraded/degradation.ts";
import type { RequestCounter } from "../requests/request-counter.ts";
import type { OpenRequest, RequestEnd } from "../requests/served-request.ts";
import { Connections } from "./connections.ts";
import { Listeners } from "./listeners.ts";

const noAttributes: Attributes = {};

/** What {@link HttpServer} is given. */
export interface HttpServerParts {
  readonly requests: RequestCounter;
  readonly probes: Pick<Degradation, "isProbe">;
  readonly clock: Clock;
}

/**
 * The requests of the process's HTTP servers, as Node tells of them: without instrumentation, and whatever is sampled.
 * HTTP/2 where Node tells of it (24 does, 22.15 does not); gRPC, which is HTTP/2 underneath, has its status elsewhere.
 */
export class HttpServer {
  readonly #parts: HttpServerParts;
  readonly #connections = new Connections();
  readonly #listeners: Listeners;

  constructor(parts: HttpServerParts) {
    this.#parts = parts;
    this.#listeners = new Listeners([
      ["http.server.request.start", (message: Http1Message) => this.#began1(message)],
      ["http2.server.stream.start", (message: Http2Message) => this.#began2(message)],
    ]);
  }

  /** Returns what ends it. */
  subscribe(): () => void {
    return this.#listeners.subscribe();
  }

  #began1({ request, response }: Http1Message): void {
    const { requests, probes, clock } = this.#parts;
    if (probes.isProbe(request)) return;
    const served = new Http1Request(request, response, clock.now());
    const ended = requests.began(served);
    if (ended === undefined) return;
    const end = counting(() => ended(served.end(clock.now())));
    response.once("close", this.#connections.add(request.socket, end));
  }

  #began2({ stream, headers }: Http2Message): void {
    const { requests, probes, clock } = this.#parts;
    if (String(headers["content-type"]).startsWith("application/grpc")) return;
    const served = new Http2Request(stream, headers, clock.now());
    if (probes.isProbe(served)) return;
    const ended = requests.began(served);
    if (ended !== undefined)
      stream.once(
        "close",
        counting(() => ended(served.end(clock.now()))),
      );
  }
}

interface Http1Message {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Http2Message {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/** In the application's own event: nothing may be thrown into it. */
function counting(count: () => void): () => void {
  return contained("counting a request", count, () => {});
}

class Http1Request implements OpenRequest {
  readonly startedAt: number;
  readonly attributes: Attributes = noAttributes;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, startedAt: number) {
    this.#request = request;
    this.#response = response;
    this.startedAt = startedAt;
  }

  get method(): string | undefined {
    return this.#request.method;
  }

  get url(): string | undefined {
    return this.#request.url;
  }

  get headers(): OpenRequest["headers"] {
    return this.#request.headers;
  }

  get port(): number | undefined {
    return this.#request.socket.localPort;
  }

  get status(): number | undefined {
    return this.#response.headersSent ? this.#response.statusCode : undefined;
  }

  get isAnswering(): boolean {
    return this.#response.headersSent;
  }

  end(now: number): RequestEnd {
    const ms = now - this.startedAt;
    const { writableFinished, statusCode, errored } = this.#response;
    if (writableFinished) return ended(statusCode, ms);
    const { complete, socket } = this.#request;
    // Whoever goes away has closed or reset the connection; an error that the service destroyed it with is none of theirs.
    if (socket.readableEnded || (socket.errored && socket.errored !== errored)) return leftBy(this, complete, ms);
    // Where neither was heard of, the service itself broke off, unless it still waited for the rest of the request.
    return complete || errored ? brokenOff(errored, ms) : leftBy(this, complete, ms);
  }
}

class Http2Request implements OpenRequest {
  readonly startedAt: number;
  readonly headers: OpenRequest["headers"];
  readonly attributes: Attributes = noAttributes;
  readonly #stream: ServerHttp2Stream;
  /** Who destroyed it amid the answer; a client that leaves has it closed. */
  #destroyedBy: "service" | "connection" | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, startedAt: number) {
    this.#stream = stream;
    this.headers = headers;
    this.startedAt = startedAt;
    stream.once("aborted", () => {
      if (!stream.destroyed) return;
      const isReset = stream.session?.destroyed === true && isSystemError(stream.errored);
      this.#destroyedBy = isReset ? "connection" : "service";
    });
  }

  get method(): string | undefined {
    return text(this.headers[":method"]);
  }

  get url(): string | undefined {
    return text(this.headers[":path"]);
  }

  get port(): number | undefined {
    return this.#stream.session?.socket.localPort;
  }

  get status(): number | undefined {
    const status = this.#stream.sentHeaders?.[":status"];
    return status === undefined ? undefined : Number(status);
  }

  get isAnswering(): boolean {
    return this.#stream.headersSent;
  }

  end(now: number): RequestEnd {
    const ms = now - this.startedAt;
    const { aborted, errored } = this.#stream;
    const { status } = this;
    if (!aborted && status !== undefined) return ended(status, ms);
    const isLeft = this.#destroyedBy === undefined ? !errored : this.#destroyedBy === "connection";
    return isLeft ? leftBy(this, true, ms) : brokenOff(errored, ms);
  }
}

function isSystemError(error: (Error & { readonly syscall?: unknown }) | null): boolean {
  return typeof error?.syscall === "string";
}

function ended(status: number, ms: number): RequestEnd {
  const failed = status >= 500;
  return { by: "service", failed, errorType: failed ? String(status) : undefined, ms };
}

function leftBy({ isAnswering }: OpenRequest, complete: boolean, ms: number): RequestEnd {
  return { by: "client", answering: isAnswering, complete, ms };
}

function brokenOff(error: Error | null | undefined, ms: number): RequestEnd {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: string };
  return { by: "service", failed: true, errorType: typeof code === "string" ? code : (name ?? "aborted"), ms };
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
