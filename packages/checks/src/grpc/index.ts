export type { GrpcCall, GrpcClient } from "./clients.ts";
export { type GrpcOptions, grpc } from "./grpc.ts";
