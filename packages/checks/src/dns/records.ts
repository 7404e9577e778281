import { Resolver } from "node:dns/promises";
import type { RunContext } from "@otel-health/core";
import { untilAborted } from "../dependency/until-aborted.ts";

/** A record type that can be asked for. */
export type RecordType = "A" | "AAAA" | "CNAME" | "MX" | "NS" | "PTR" | "SRV" | "TXT";

/** All of them. */
export const recordTypes: readonly RecordType[] = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"];

export function isRecordType(type: string): type is RecordType {
  return recordTypes.some((known) => known === type);
}

/**
 * Asks name servers for the records of a name, each as a string. A resolver for each run: it has the host's name servers as
 * they are now, and ends with the run.
 */
export function resolveRecords(
  hostname: string,
  type: RecordType,
  servers: readonly string[] | undefined,
  { signal, timeoutMs }: RunContext,
): Promise<readonly string[]> {
  // Packets get lost. Each try waits twice as long as the one before, so that three fit into the run.
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeoutMs / 8)), tries: 3 });
  if (servers !== undefined) resolver.setServers(servers);
  return untilAborted(signal, ask(resolver, hostname, type), () => resolver.cancel());
}

async function ask(resolver: Resolver, hostname: string, type: RecordType): Promise<readonly string[]> {
  switch (type) {
    case "A":
      return resolver.resolve4(hostname);
    case "AAAA":
      return resolver.resolve6(hostname);
    case "CNAME":
      return resolver.resolveCname(hostname);
    case "MX":
      return (await resolver.resolveMx(hostname)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case "NS":
      return resolver.resolveNs(hostname);
    case "PTR":
      return resolver.resolvePtr(hostname);
    case "SRV":
      return (await resolver.resolveSrv(hostname)).map(
        ({ priority, weight, port, name }) => `${priority} ${weight} ${port} ${name}`,
      );
    case "TXT":
      return (await resolver.resolveTxt(hostname)).map((chunks) => chunks.join(""));
  }
}
