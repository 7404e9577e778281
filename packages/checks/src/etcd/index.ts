export type { EtcdClient, EtcdStatus } from "./clients.ts";
export { type EtcdOptions, etcd } from "./etcd.ts";
