export { type DnsOptions, dns } from "./dns.ts";
export type { DnsExpected } from "./judge-records.ts";
export type { RecordType } from "./records.ts";
