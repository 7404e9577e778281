import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The port that an application listens on. */
export function portOf({ server }: { readonly server: Pick<Server, "address"> }): number {
  return (server.address() as AddressInfo).port;
}
