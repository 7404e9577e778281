import { type Attributes, SpanKind, type Tracer } from "@opentelemetry/api";
import { type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** What the contenders are given. */
export interface SpansOptions {
  readonly folder: string;
}

/** Questions that both contenders answer. */
export type SpansAnswers = {
  readonly start: () => Promise<void>;
  /** Writes the spans of so many requests; resolves to how many of them ended. */
  readonly requests: (count: number) => Promise<number>;
  /** How many calls the passive checks have counted, as their messages say. */
  readonly counted: () => Promise<readonly number[]>;
  readonly cpuUs: () => number;
};

/** Spans of one request. */
export const spansOfRequest = 5;

const server: Attributes = {
  "http.request.method": "GET",
  "url.scheme": "http",
  "url.path": "/orders/17",
  "server.address": "orders.example.com",
  "server.port": 443,
  "network.peer.address": "10.0.0.7",
  "network.protocol.version": "1.1",
  "user_agent.original": "bench",
};
const query: Attributes = {
  "db.system.name": "postgresql",
  "db.namespace": "orders",
  "server.address": "db.example.com",
  "server.port": 5432,
};
const call: Attributes = {
  "http.request.method": "GET",
  "url.full": "https://billing.example.com/invoices/17",
  "server.address": "billing.example.com",
  "server.port": 443,
};

/** A tracer whose spans meet one processor. */
export function tracerOf(processor: SpanProcessor): Tracer {
  return new TracerProvider({ spanProcessors: [processor] }).getTracer("bench");
}

/**
 * The spans of requests as instrumentations write them: the request, two pieces of work, a statement, a call of another
 * service. The loop turns now and then, as that of a service would.
 */
export async function writeRequests(tracer: Tracer, count: number): Promise<number> {
  for (let nth = 0; nth < count; nth++) {
    const request = tracer.startSpan("GET /orders/:id", { kind: SpanKind.SERVER, attributes: server });
    tracer.startSpan("middleware", { kind: SpanKind.INTERNAL }).end();
    tracer.startSpan("handler", { kind: SpanKind.INTERNAL }).end();
    const statement = tracer.startSpan("pg.query:SELECT orders", { kind: SpanKind.CLIENT, attributes: query });
    statement.setAttribute("db.query.text", "SELECT * FROM orders WHERE id = $1");
    statement.end();
    const invoice = tracer.startSpan("GET", { kind: SpanKind.CLIENT, attributes: call });
    invoice.setAttribute("http.response.status_code", 200);
    invoice.end();
    request.setAttribute("http.response.status_code", 200);
    request.end();
    if (nth % 100 === 99) await new Promise(setImmediate);
  }
  return count * spansOfRequest;
}
