import { subscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import { drainOnSignals, gracefulClose } from "@otel-health/http";
import { health } from "./health.ts";
import { runOutbox } from "./outbox.ts";

// Next.js keeps its server to itself, but Node tells of the server with each request.
const closes = new Map<Server, () => Promise<void>>();
subscribe("http.server.request.start", (message) => {
  const { server } = message as { readonly server: Server };
  if (!closes.has(server)) closes.set(server, gracefulClose(server, health));
});

// Needs NEXT_MANUAL_SIG_HANDLE=true: otherwise Next.js stops listening at the signal, before anybody has seen a 503.
drainOnSignals(health, {
  delayMs: Number(process.env["DRAIN_DELAY_MS"] ?? 5_000),
  close: () => Promise.all(Array.from(closes.values(), (close) => close())),
});

void runOutbox(health.checks.outbox);
// Not awaited: the probes have to be served while the process starts, to say how far it is.
health.start().catch(console.error);
