/** What is used of any client of `@grpc/grpc-js`, generated ones included. */
export interface GrpcClient {
  getChannel(): { getConnectivityState(tryToConnect: boolean): number };
  makeUnaryRequest(
    method: string,
    serialize: (request: Uint8Array) => Uint8Array,
    deserialize: (response: Uint8Array) => Uint8Array,
    request: Uint8Array,
    options: { readonly deadline: number },
    callback: (error: Error | null, response?: Uint8Array) => void,
  ): GrpcCall;
}

/** A call that is under way. */
export interface GrpcCall {
  cancel(): void;
}
