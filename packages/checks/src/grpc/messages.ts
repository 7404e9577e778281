// The messages of grpc.health.v1 that a client sends and reads: a field each.

/** `HealthCheckRequest` for a service; the empty name is the server as a whole. */
export function encodeRequest(service: string): Uint8Array {
  const name = Buffer.from(service);
  if (name.length === 0) return name;
  const length: number[] = [];
  let left = name.length;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) length.push((left % 0x80) | 0x80);
  return Buffer.concat([Buffer.from([0x0a, ...length, left]), name]);
}

/** By their numbers in the official proto. */
const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** What a server says of a service. */
export type ServingStatus = (typeof statuses)[number];

/**
 * The status of a `HealthCheckResponse`; undefined where the bytes are none, or the status is none that there is. Fields
 * of later versions are skipped.
 */
export function decodeStatus(bytes: Uint8Array): ServingStatus | undefined {
  // A default is not sent.
  let status = 0;
  let at = 0;
  /** The next varint; not a number where it has no end. */
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++] ?? Number.NaN;
      value += (byte % 0x80) * 2 ** (7 * i);
      if (!(byte >= 0x80)) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (!(tag >= 8)) return undefined;
    if (wireType === 0) {
      const value = varint();
      if (tag === 0x08) status = value;
    } else if (wireType === 1) at += 8;
    else if (wireType === 2) {
      const length = varint();
      at += length;
    } else if (wireType === 5) at += 4;
    else return undefined;
  }
  return at === bytes.length ? statuses[status] : undefined;
}
