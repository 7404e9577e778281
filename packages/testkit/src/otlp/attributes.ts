import type { Fixed64, IAnyValue, IKeyValue } from "otlp-decoder/build/src/common/internal-types.js";

/** Attribute values as the sender's JavaScript had them; integers beyond 2^53 as bigint. */
export type Attributes = Readonly<Record<string, unknown>>;

export function readAttributes(attributes: readonly IKeyValue[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));
}

/** Undefined for a value that is not set. */
export function readValue(value: IAnyValue | undefined): unknown {
  if (value?.intValue != null) return readInteger(value.intValue);
  if (value?.arrayValue != null) return value.arrayValue.values.map(readValue);
  if (value?.kvlistValue != null) return readAttributes(value.kvlistValue.values);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue ?? undefined;
}

/** A number where it is exact. */
export function readInteger(decimal: string | number): number | bigint {
  const number = Number(decimal);
  return Number.isSafeInteger(number) ? number : BigInt(decimal);
}

/** Nanoseconds since the Unix epoch; 0 when not set. */
export function readTime(time: Fixed64 | undefined): bigint {
  return BigInt(String(time ?? 0));
}

/** A trace or span id in hex; undefined when not set. */
export function readId(id: string | Uint8Array | undefined): string | undefined {
  return id === undefined || id.length === 0 ? undefined : Buffer.from(id as Uint8Array).toString("hex");
}
