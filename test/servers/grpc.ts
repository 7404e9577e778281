import { type OwnServer, startOwnServer } from "./own-server.ts";

/** What a server of `@grpc/grpc-js` is like. It takes ten streams at a time on a connection. */
export interface GrpcSettings {
  /** Whether its health service says so. */
  readonly serving: boolean;
  /** What every call has to bring as `authorization`. */
  readonly token: string;
  /** Whether it has a health service, and the services that this knows; taken over when it starts. */
  readonly hasHealth: boolean;
  readonly services: readonly string[];
}

export type GrpcServer = OwnServer<GrpcSettings>;

/** Starts one that serves. */
export function startGrpcServer(): Promise<GrpcServer> {
  const settings = { serving: true, token: "right", hasHealth: true, services: ["", "orders"] };
  return startOwnServer<GrpcSettings>({ script: "grpc-process.ts", settings });
}
