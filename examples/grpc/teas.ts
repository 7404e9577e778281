import type { ServiceDefinition } from "@grpc/grpc-js";

const json = {
  serialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  deserialize: (bytes: Buffer): unknown => JSON.parse(String(bytes)),
};

/** A service without a proto, so that the example needs no compiler: its messages are JSON. */
export const teas: ServiceDefinition = {
  Find: {
    path: "/teas.v1.Teas/Find",
    requestStream: false,
    responseStream: false,
    requestSerialize: json.serialize,
    requestDeserialize: json.deserialize,
    responseSerialize: json.serialize,
    responseDeserialize: json.deserialize,
  },
};
