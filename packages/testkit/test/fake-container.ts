import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Container } from "@otel-health/testkit";

/** A container that answers each path with the status that a test gives it, and ends when the test says so. */
export interface FakeContainer extends Container, AsyncDisposable {
  exited: boolean;
  /** Default 200; 0: no answer. */
  readonly statuses: Record<string, number>;
  /** What it was asked for. */
  readonly requests: IncomingMessage[];
  readonly signals: string[];
}

/** It answers everything with 200, and ignores its signals. */
export async function fakeContainer(): Promise<FakeContainer> {
  const statuses: Record<string, number> = {};
  const requests: IncomingMessage[] = [];
  const signals: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const status = statuses[request.url ?? ""] ?? 200;
    if (status !== 0) response.writeHead(status).end(request.url);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    exited: false,
    statuses,
    requests,
    signals,
    kill: (signal) => void signals.push(signal),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
