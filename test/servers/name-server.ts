import { Resolver } from "node:dns/promises";
import { type OwnServer, startOwnServer } from "./own-server.ts";

/** What a name server knows, and how it answers. */
export interface DnsSettings {
  readonly names: { readonly [name: string]: { readonly A?: readonly string[]; readonly TXT?: readonly string[] } };
  readonly code: "NOERROR" | "SERVFAIL" | "NXDOMAIN" | "REFUSED";
  readonly delayMs: number;
  /** Whether the end of each answer is missing. */
  readonly cut: boolean;
  /** How many questions get no answer. */
  readonly lost: number;
}

export type NameServer = OwnServer<DnsSettings>;

/** Starts one, which speaks UDP alone. */
export function startNameServer(names: DnsSettings["names"]): Promise<NameServer> {
  return startOwnServer<DnsSettings>({
    script: "dns-process.ts",
    settings: { names, code: "NOERROR", delayMs: 0, cut: false, lost: 0 },
    isUp: async (port) => {
      const resolver = new Resolver({ timeout: 500, tries: 1 });
      resolver.setServers([`127.0.0.1:${port}`]);
      const { code } = await resolver.resolve4("up").then(
        () => ({ code: "ENOTFOUND" }),
        (error: NodeJS.ErrnoException) => error,
      );
      return code === "ENOTFOUND";
    },
  });
}
