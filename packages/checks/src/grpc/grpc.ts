import {
  demand,
  type FunctionCheck,
  fail,
  type Outcome,
  pass,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { demandClient, demandOpen, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { untilAborted } from "../dependency/until-aborted.ts";
import type { GrpcCall, GrpcClient } from "./clients.ts";
import { diagnoseGrpc, isUnimplementedByServer } from "./diagnose.ts";
import { decodeStatus, encodeRequest, type ServingStatus } from "./messages.ts";

/** Options of {@link grpc}: those of any check that is run, and these. */
export interface GrpcOptions extends ScheduleOptions {
  /** The service that is asked for, as the server has registered it; default "", the server as a whole. */
  readonly service?: string;
  /**
   * What it means that the server has no health service. Default "fail": nobody knows whether it could serve. "pass"
   * where it is enough that it answers at all.
   */
  readonly unimplemented?: "fail" | "pass";
}

const where = "grpc()";
const expected = "a client of @grpc/grpc-js";
const hint = "the server did not answer: is it up and not overloaded, and does a firewall drop packets?";
const path = "/grpc.health.v1.Health/Check";
/** The connectivity state of a channel that was closed. */
const shutdown = 4;

/**
 * A check of a gRPC server through a client that the application has: a call of `grpc.health.v1.Health/Check` on its
 * channel, cancelled when the run ends. Throws `HealthError` for another client or wrong options.
 */
export function grpc(client: GrpcClient, options: GrpcOptions = {}): FunctionCheck {
  const { service = "", unimplemented = "fail" } = options ?? {};
  demand(typeof service === "string", `service of ${where}`, "a string", service);
  const isKnown = unimplemented === "fail" || unimplemented === "pass";
  demand(isKnown, `unimplemented of ${where}`, '"fail" or "pass"', unimplemented);
  demandClient(where, client, expected, has(client, "makeUnaryRequest", "getChannel", "close"));
  demandOpen(where, client.getChannel().getConnectivityState(false) !== shutdown);
  const request = encodeRequest(service);
  return dependencyCheck(
    where,
    options,
    { service: true, unimplemented: true },
    {
      hint,
      diagnose: diagnoseGrpc,
      run: async (context) => {
        try {
          return judge(service, decodeStatus(await call(client, request, context)));
        } catch (error) {
          if (unimplemented === "pass" && isUnimplementedByServer(error))
            return pass("the server answers, and has no health service");
          throw error;
        }
      },
    },
  );
}

function call(client: GrpcClient, request: Uint8Array, { signal, clock, timeoutMs }: RunContext): Promise<Uint8Array> {
  const asTheyAre = (bytes: Uint8Array) => bytes;
  // The run's own end comes first and cancels the call. This is for a server that does not hear of that.
  const deadline = clock.wallTime() + 2 * timeoutMs;
  let underWay: GrpcCall | undefined;
  const answer = new Promise<Uint8Array>((resolve, reject) => {
    underWay = client.makeUnaryRequest(path, asTheyAre, asTheyAre, request, { deadline }, (error, response) =>
      error === null && response !== undefined ? resolve(response) : reject(error ?? new Error("it answered nothing")),
    );
  });
  return untilAborted(signal, answer, () => underWay?.cancel());
}

function judge(service: string, status: ServingStatus | undefined): Outcome | undefined {
  const who = service === "" ? "the server" : `its service ${JSON.stringify(service)}`;
  switch (status) {
    case "SERVING":
      return undefined;
    case "NOT_SERVING":
      return fail(`${who} is not serving`, {
        errorType: "NOT_SERVING",
        hint: "it is up and says that it cannot serve: look at its own health, and whether it is starting or draining",
      });
    case "SERVICE_UNKNOWN":
      return fail(`${who} is not known there`, {
        errorType: "SERVICE_UNKNOWN",
        fault: "fatal",
        hint: "the server knows no service of that name: look at `service`, and at what it registers",
      });
    case "UNKNOWN":
      return fail(`${who} does not know yet whether it serves`, {
        errorType: "UNKNOWN",
        hint: "nobody has set its status: the server is starting, or never sets it",
      });
    default:
      return fail("its answer is no HealthCheckResponse", {
        errorType: "invalid_answer",
        fault: "persistent",
        hint: "what answers there does not speak grpc.health.v1",
      });
  }
}
