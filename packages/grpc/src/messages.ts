import { isUtf8 } from "node:buffer";

// The messages of grpc.health.v1: four fields in all, so that an answer is bytes that are there already.

/** Serving statuses, by their numbers in the official proto. */
export const servingStatus = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** The name of a serving status that this package sends. */
export type ServingStatus = keyof typeof servingStatus;

/** `HealthCheckResponse`, encoded once for each status. */
export const statusBytes: { readonly [S in ServingStatus]: Buffer } = {
  SERVING: Buffer.from([0x08, servingStatus.SERVING]),
  NOT_SERVING: Buffer.from([0x08, servingStatus.NOT_SERVING]),
  SERVICE_UNKNOWN: Buffer.from([0x08, servingStatus.SERVICE_UNKNOWN]),
};

/** `HealthListResponse`: a map of service names to statuses. */
export function encodeList(statuses: Iterable<readonly [service: string, status: ServingStatus]>): Buffer {
  return Buffer.concat(
    Array.from(statuses, ([service, status]) =>
      delimited(0x0a, Buffer.concat([delimited(0x0a, Buffer.from(service)), delimited(0x12, statusBytes[status])])),
    ),
  );
}

/** The service that a `HealthCheckRequest` names; undefined where the bytes are no message. Unknown fields are skipped. */
export function decodeService(bytes: Uint8Array): string | undefined {
  let service = "";
  let at = 0;
  /** The next varint; beyond 2^53 only its length matters here. Not a number where it has no end. */
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (!(field >= 1)) return undefined;
    if (wireType === 0) {
      if (Number.isNaN(varint())) return undefined;
    } else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      if (!(at + length <= bytes.length)) return undefined;
      const value = bytes.subarray(at, at + length);
      at += length;
      if (field !== 1) continue;
      if (!isUtf8(value)) return undefined;
      service = Buffer.from(value.buffer, value.byteOffset, value.length).toString();
    } else return undefined;
  }
  return at === bytes.length ? service : undefined;
}

function delimited(tag: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  let left = bytes.length;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) length.push((left % 0x80) | 0x80);
  return Buffer.concat([Buffer.from([tag, ...length, left]), bytes]);
}
