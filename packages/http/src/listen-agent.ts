import type { Socket } from "node:net";
import { diag } from "@opentelemetry/api";
import { type AnyProbe, demand, type Health, untraced } from "@otel-health/core";
import { type AgentWeight, agentLine } from "./agent-line.ts";
import { type Listening, listen, type PortOptions, readPortOptions } from "./listening.ts";

/** Options of {@link listenAgent}. */
export interface AgentOptions extends PortOptions {
  /** The probe or group that decides; default readiness. */
  readonly probe?: AnyProbe;
  /** The weight of now, asked for each connection; default 100. What throws or is no percentage counts as 100. */
  readonly weight?: AgentWeight;
}

/** A balancer asks over a few connections; whoever opens more is not one. */
const mostConnections = 64;
/** A client that does not close its side is let go of after this many milliseconds. */
const lingerMs = 1_000;

/**
 * Answers HAProxy's agent-check on a port of its own: each connection is told one line and ended. Rejects where it
 * cannot listen, with Node's error.
 */
export async function listenAgent(
  health: Pick<Health, "snapshot" | "report" | "verdict" | "on">,
  options: AgentOptions = {},
): Promise<Listening> {
  const of = "of listenAgent()";
  const { port, host, closeWithinMs, clock } = readPortOptions(options, "listenAgent()");
  const { port: _port, host: _host, closeWithinMs: _within, clock: _clock, ...rest } = options;
  const { probe = "readiness", weight = () => 100, ...unknown } = rest;
  demand(typeof weight === "function", `weight ${of}`, "a function that gives a percentage", weight);
  const names = "one of port, host, closeWithinMs, clock, probe and weight";
  for (const key of Object.keys(unknown)) demand(false, `an option ${of}`, names, key);
  // Throws for a probe that there is not.
  health.verdict(probe);

  let complained = false;
  const weightOfNow = (): number => {
    let problem: unknown;
    try {
      const snapshot = health.snapshot();
      const verdict = snapshot.probes[probe]?.status === "degraded" ? "degraded" : "healthy";
      const percent: unknown = weight({ verdict, snapshot });
      if (typeof percent === "number" && percent >= 0 && percent <= 100) return Math.round(percent);
      problem = new TypeError(`the weight must be a number from 0 to 100, got ${String(percent)}`);
    } catch (error) {
      problem = error;
    }
    // Once: HAProxy asks every other second.
    if (!complained) diag.error("otel-health: the weight of listenAgent()", problem);
    complained = true;
    return 100;
  };
  /** The line of an instance that fails costs a report, so it is kept until something changes. */
  let failing: string | undefined;
  const off = health.on("change", () => {
    failing = undefined;
  });
  const line = (): string => {
    if (failing !== undefined) return failing;
    const told = agentLine(health, probe, weightOfNow);
    if (!told.startsWith("up")) failing = told;
    return told;
  };

  const sockets = new Set<Socket>();
  const server = process.getBuiltinModule("node:net").createServer((socket) => {
    sockets.add(socket);
    const timer = clock.setTimer(() => socket.destroy(), lingerMs, false);
    socket.on("close", () => {
      clock.clearTimer(timer);
      sockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    // What it may say (agent-send) is read, or closing would reset the connection and the line with it, and ignored.
    socket.resume();
    untraced(() => socket.end(`${line()}\n`));
  });
  server.maxConnections = mostConnections;
  const close = async () => {
    off();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    const cut = () => {
      for (const socket of sockets) socket.destroy();
    };
    const timer = clock.setTimer(cut, closeWithinMs, true);
    await promise;
    clock.clearTimer(timer);
  };
  return listen(server, { port, host }, "the agent", close);
}
