import { connect, type Socket } from "node:net";
import { demand, type FunctionCheck, type Outcome, type RunContext, type ScheduleOptions } from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { untilAborted } from "../dependency/until-aborted.ts";
import { demandEndpoint, demandEndpointKeys, type Endpoint } from "../socket/endpoint.ts";
import { Lookup } from "../socket/lookup.ts";
import { type Expected, expectation, type Judge } from "./expectation.ts";

/** Options of {@link tcp}: those of any check that is run, and these. */
export interface TcpOptions extends ScheduleOptions {
  /** Sent as soon as the connection is open; default nothing. Only what changes nothing, and only with `expect`. */
  readonly send?: string | Uint8Array;
  /**
   * What is received has to begin with this, or to match it as text; default anything, nothing included. Of the answer at
   * most 65 536 bytes are looked at.
   */
  readonly expect?: Expected;
}

const where = "tcp()";
const hint = "the host did not answer: is it up, and does a firewall drop packets?";

/**
 * A check whether something listens at an address, by a connection of its own, which is closed at once. Through a balancer
 * that takes every connection it says little: there, let it `expect` something. Throws `HealthError` for wrong options.
 */
export function tcp(endpoint: Endpoint, options: TcpOptions = {}): FunctionCheck {
  demandEndpoint(where, endpoint);
  demandEndpointKeys(where, endpoint, ["host", "port"]);
  const { send, expect } = options ?? {};
  const isData = send === undefined || typeof send === "string" || send instanceof Uint8Array;
  demand(isData, `send of ${where}`, "a string or bytes", send);
  demand(send === undefined || expect !== undefined, `expect of ${where}`, "given where `send` is", expect);
  const judge = expect === undefined ? undefined : expectation(where, expect);
  const lookup = new Lookup();
  const { host, port } = endpoint;
  const open = (context: RunContext) => connect({ host, port, lookup: lookup.of(context) });
  return dependencyCheck(
    where,
    options,
    { send: true, expect: true },
    { hint, run: (context) => ask(open(context), context.signal, send, judge) },
  );
}

function ask(
  socket: Socket,
  signal: AbortSignal,
  send: TcpOptions["send"],
  judge: Judge | undefined,
): Promise<Outcome | undefined> {
  const outcome = new Promise<Outcome | undefined>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const look = (isEnd: boolean) => {
      const judged = judge?.(received, isEnd);
      if (judged !== "more") resolve(judged);
    };
    // Also what comes after the end: nobody else listens.
    socket.on("error", reject);
    socket.on("connect", () => {
      if (judge === undefined) return resolve(undefined);
      if (send !== undefined) socket.write(send);
    });
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.on("close", () => look(true));
  });
  return untilAborted(signal, outcome).finally(() => socket.destroy());
}
