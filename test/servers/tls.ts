import { type OwnServer, startOwnServer } from "./own-server.ts";

/** Which certificate a TLS server presents to those who ask for it by a name. */
export interface TlsSettings {
  readonly certificate: "valid" | "expired";
}

export type TlsServer = OwnServer<TlsSettings>;

/** Starts one whose certificate is valid. It offers h2 by ALPN. */
export function startTlsServer(): Promise<TlsServer> {
  return startOwnServer<TlsSettings>({ script: "tls-process.ts", settings: { certificate: "valid" } });
}
