/**
 * The names under which a thing stands in spans: today's first, then those of earlier releases of the semantic
 * conventions, which instrumentations write until they are told otherwise (`OTEL_SEMCONV_STABILITY_OPT_IN`).
 */
const groups: readonly (readonly string[])[] = [
  ["db.system.name", "db.system"],
  ["db.namespace", "db.name"],
  ["db.operation.name", "db.operation"],
  ["db.collection.name", "db.sql.table", "db.mongodb.collection"],
  ["server.address", "net.peer.name"],
  ["server.port", "net.peer.port"],
  ["network.peer.address", "net.sock.peer.addr", "net.peer.ip"],
  ["network.peer.port", "net.sock.peer.port"],
  ["rpc.system.name", "rpc.system"],
  ["messaging.system.name", "messaging.system"],
  ["messaging.destination.name", "messaging.destination"],
  ["messaging.operation.type", "messaging.operation"],
  ["http.request.method", "http.method"],
  ["http.response.status_code", "http.status_code"],
  ["url.scheme", "http.scheme"],
  ["url.full", "http.url"],
];

/** Values of `db.system.name` and what they were called in `db.system`, where that was something else. */
const renamedSystems: readonly (readonly [string, string])[] = [
  ["actian.ingres", "ingres"],
  ["aws.dynamodb", "dynamodb"],
  ["aws.redshift", "redshift"],
  ["azure.cosmosdb", "cosmosdb"],
  ["firebirdsql", "firebird"],
  ["gcp.spanner", "spanner"],
  ["h2database", "h2"],
  ["ibm.db2", "db2"],
  ["ibm.informix", "informix"],
  ["ibm.netezza", "netezza"],
  ["intersystems.cache", "intersystems_cache"],
  ["microsoft.sql_server", "mssql"],
  ["oracle.db", "oracle"],
  ["sap.hana", "hanadb"],
  ["sap.maxdb", "maxdb"],
  ["softwareag.adabas", "adabas"],
];

/** All names of an attribute, whichever of them is given. */
export function namesOf(attribute: string): readonly string[] {
  return groups.find((names) => names.includes(attribute)) ?? [attribute];
}

/** All spellings of an attribute's value, whichever of them is given. */
export function spellingsOf(
  attribute: string,
  value: string | number | boolean,
): readonly (string | number | boolean)[] {
  // A port is a number in one instrumentation and text in another.
  if (typeof value === "number") return [value, String(value)];
  if (typeof value === "boolean") return [value];
  if (/^\d{1,15}$/.test(value)) return [value, Number(value)];
  if (!namesOf("db.system.name").includes(attribute)) return [value];
  return renamedSystems.find((names) => names.includes(value)) ?? [value];
}
