import { isIP } from "node:net";
import {
  demand,
  type FunctionCheck,
  type Outcome,
  pass,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { Lookup } from "../socket/lookup.ts";
import { diagnoseDns } from "./diagnose.ts";
import { type DnsExpected, judgeRecords, readExpected } from "./judge-records.ts";
import { isRecordType, type RecordType, recordTypes, resolveRecords } from "./records.ts";

/** Options of {@link dns}: those of any check that is run, and these. */
export interface DnsOptions extends ScheduleOptions {
  /**
   * What is asked for. Default "lookup": addresses as the application's own connections find them, with the hosts file and
   * search domains of this host; a record type where `servers` is given or the name server itself is what is checked.
   */
  readonly type?: "lookup" | RecordType;
  /** Addresses of name servers, each with a port if it is not 53; default those of this host. With a record type only. */
  readonly servers?: readonly string[];
  /**
   * The answers, these and no others in any order, or a function that tells whether they are well; default at least one.
   * A record of several parts is a string of them: "10 mail.example.com" for an MX, "1 1 5432 db.example.com" for a SRV.
   */
  readonly expect?: DnsExpected;
}

const where = "dns()";
const hint = "no name server answered: are those of this host (/etc/resolv.conf) reachable?";

/**
 * A check that a name resolves, and to what. Asked anew each run; a resolver between may answer from its cache. Throws
 * `HealthError` for wrong options, and for an address, which needs no resolving.
 */
export function dns(hostname: string, options: DnsOptions = {}): FunctionCheck {
  const isName = typeof hostname === "string" && hostname !== "" && hostname.length <= 253 && isIP(hostname) === 0;
  demand(isName, `hostname of ${where}`, "a host name", hostname);
  const { servers, expect, type = servers === undefined ? "lookup" : "A" } = options ?? {};
  const types = ["lookup", ...recordTypes];
  demand(types.includes(type), `type of ${where}`, types.map((each) => JSON.stringify(each)).join(", "), type);
  const areServers = servers === undefined || (Array.isArray(servers) && servers.length > 0 && servers.every(isServer));
  demand(areServers, `servers of ${where}`, "an array of IP addresses, each with or without a port", servers);
  demand(
    servers === undefined || type !== "lookup",
    `type of ${where}`,
    "a record type where `servers` is given",
    type,
  );
  const expected = readExpected(where, expect);
  const lookup = new Lookup();
  const ask = async (context: RunContext): Promise<readonly string[]> => {
    if (isRecordType(type)) return resolveRecords(hostname, type, servers, context);
    return (await lookup.addresses(context, hostname)).map(({ address }) => address);
  };
  return dependencyCheck(
    where,
    options,
    { type: true, servers: true, expect: true },
    {
      hint,
      diagnose: diagnoseDns,
      run: async (context): Promise<Outcome> => judgeRecords(await ask(context), expected) ?? pass(),
    },
  );
}

/** `10.0.0.1`, `10.0.0.1:5353`, `::1` or `[::1]:5353`. */
function isServer(server: unknown): boolean {
  if (typeof server !== "string") return false;
  if (isIP(server) !== 0) return true;
  const [, v6, v4 = "", port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(server) ?? [];
  return isIP(v6 ?? v4) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}
