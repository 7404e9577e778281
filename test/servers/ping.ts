import { type OwnServer, startOwnServer } from "./own-server.ts";

/** What a server answers that is sent "PING" and a line feed. */
export interface PingSettings {
  readonly answer: string;
}

export type PingServer = OwnServer<PingSettings>;

/** Starts one that answers "+PONG". */
export function startPingServer(): Promise<PingServer> {
  return startOwnServer<PingSettings>({ script: "ping-process.ts", settings: { answer: "+PONG\r\n" } });
}
