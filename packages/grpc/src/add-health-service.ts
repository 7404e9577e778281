import { type Server, type ServerUnaryCall, type ServiceDefinition, type sendUnaryData, status } from "@grpc/grpc-js";
import { demand, type Health, untraced } from "@otel-health/core";
import { closeServer } from "./close-server.ts";
import { decodeService, encodeList, statusBytes } from "./messages.ts";
import { type HealthServiceOptions, resolveOptions } from "./resolve-options.ts";
import { type WatchCall, Watchers } from "./watchers.ts";

/** The health service of a server. */
export interface HealthService {
  /** Calls of `Watch` under way. */
  readonly watchers: number;
  /**
   * Ends the watches and shuts the server down: no new calls, those in flight are waited for, then cut. To be given to
   * `drainOnSignals` as `close`; it may be called without its object.
   */
  readonly close: () => Promise<void>;
}

interface Request {
  /** Undefined where the bytes were no message. */
  readonly service: string | undefined;
}

const path = (method: string) => `/grpc.health.v1.Health/${method}`;
const asTheyAre = (bytes: Buffer) => bytes;
const one = { requestStream: false, responseSerialize: asTheyAre, responseDeserialize: asTheyAre } as const;
const request = {
  requestSerialize: (): Buffer => Buffer.alloc(0),
  requestDeserialize: (bytes: Buffer): Request => ({ service: decodeService(bytes) }),
} as const;

/** `grpc.health.v1.Health` of the official proto. */
const definition: ServiceDefinition = {
  Check: { path: path("Check"), responseStream: false, ...one, ...request },
  Watch: { path: path("Watch"), responseStream: true, ...one, ...request },
  List: { path: path("List"), responseStream: false, ...one, ...request },
};

const malformed = { code: status.INVALID_ARGUMENT, details: "the request is no grpc.health.v1.HealthCheckRequest" };
const notFound = { code: status.NOT_FOUND, details: "no such service" };
const tooMany = { code: status.RESOURCE_EXHAUSTED, details: "too many calls of Watch; use Check" };

/**
 * Serves the gRPC health protocol, `grpc.health.v1.Health` with `Check`, `Watch` and `List`, from the health object: no
 * call runs a check or waits for one. Throws `HealthError` for options that cannot be meant.
 */
export function addHealthService(
  server: Server,
  health: Pick<Health, "verdict" | "on" | "countAnswer">,
  options: HealthServiceOptions = {},
): HealthService {
  demand(typeof server?.addService === "function", "server of addHealthService()", "a Server of @grpc/grpc-js", server);
  const { services, maxWatchers, closeWithinMs, clock } = resolveOptions(options, health);
  const watchers = new Watchers();
  const off = health.on("change", () => {
    for (const service of services.values()) service.update();
    // Whatever else is told when a message is written, it makes no spans for a probe.
    if (watchers.size > 0) untraced(() => watchers.send());
  });

  const check = ({ request }: ServerUnaryCall<Request, Buffer>, callback: sendUnaryData<Buffer>) => {
    if (request.service === undefined) return callback(malformed);
    const service = services.get(request.service);
    if (service === undefined) return callback(notFound);
    health.countAnswer(service.probe, "OK");
    callback(null, statusBytes[service.status]);
  };
  const watch = (call: WatchCall) => {
    const { service } = call.request as Request;
    if (service === undefined) call.emit("error", malformed);
    else if (watchers.size >= maxWatchers) call.emit("error", tooMany);
    else watchers.add(call, services.get(service));
  };
  const list = (_call: unknown, callback: sendUnaryData<Buffer>) =>
    callback(null, encodeList(Array.from(services.values(), ({ name, status }) => [name, status] as const)));
  server.addService(definition, {
    Check: (call: ServerUnaryCall<Request, Buffer>, callback: sendUnaryData<Buffer>) => untraced(check, call, callback),
    Watch: (call: WatchCall) => untraced(watch, call),
    List: (call: unknown, callback: sendUnaryData<Buffer>) => untraced(list, call, callback),
  });

  let closed: Promise<void> | undefined;
  return {
    get watchers() {
      return watchers.size;
    },
    close() {
      if (closed === undefined) {
        off();
        watchers.end();
        closed = closeServer(server, closeWithinMs, clock);
      }
      return closed;
    },
  };
}
