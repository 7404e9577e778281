import type { EventEmitter } from "node:events";
import type { FunctionCheck, ScheduleOptions } from "@otel-health/core";
import type { FaultProxy } from "@otel-health/testkit";
import type { Fault } from "./fault.ts";

/** A client as an application would make it, and what stands between it and its server. */
export interface Dependency extends AsyncDisposable {
  /** The check of it, on the schedule that is given. */
  readonly check: (schedule: ScheduleOptions) => FunctionCheck;
  /** The client's emitters: no cell may leave a listener on them. */
  readonly emitters?: () => readonly EventEmitter[];
}

/** Where a client finds its server: always through the proxy. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority to trust, where the connection is TLS. The certificate is for `localhost`. */
  readonly ca?: string;
}

/** A running server of a subject. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  /** SIGSTOP and SIGCONT of its processes. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** One dependency under one fault. */
export interface Stage<S extends Server, D extends Dependency> {
  readonly server: S;
  readonly proxy: FaultProxy;
  readonly dependency: D;
}

/** How a fault is brought about, and what it has to be called. */
export interface Cell<S extends Server, D extends Dependency> {
  /** Default "unhealthy". */
  readonly state?: "unhealthy" | "degraded";
  /** The `error.type`s that it may have; none for what is degraded. */
  readonly errorTypes?: readonly string[];
  /** Default "transient". */
  readonly fault?: "transient" | "persistent" | "fatal";
  /** The client of the application, where it is not the subject's usual one. */
  readonly connect?: (address: Address, server: S) => Promise<D>;
  readonly inject?: (stage: Stage<S, D>) => Promise<unknown>;
  readonly heal?: (stage: Stage<S, D>) => Promise<unknown>;
  /** Whether the client speaks TLS, which ends at a front before the server. */
  readonly tls?: true;
  /** Milliseconds that the client itself takes at most to come back, such as its own delay between connects; default 0. */
  readonly clientMs?: number;
  /** Why the client itself leaves connections, listeners or handles behind, which are not counted then. */
  readonly driverLeaves?: string;
}

/** One kind of client of one kind of server: a row of the table. */
export interface Subject<S extends Server = Server, D extends Dependency = Dependency> {
  /** `postgres: pg Pool`; what stands before the colon is the check. */
  readonly name: string;
  /** Programs from outside the project, for `missing()`; none where the project brings its server. */
  readonly programs: readonly string[];
  /** What a TLS front before its server says that it speaks, for clients that ask; default nothing. */
  readonly alpn?: readonly string[];
  readonly start: () => Promise<S>;
  readonly connect: (address: Address, server: S) => Promise<D>;
  /** A cell that cannot be run says why. */
  readonly cells: Readonly<Record<Fault, Cell<S, D> | string>>;
}

/** Forgets which server and client a subject is of, so that subjects fit into one list. */
export function subject<S extends Server, D extends Dependency>(described: Subject<S, D>): Subject {
  return described as unknown as Subject;
}
