/** What a member says of itself. Numbers are strings in `etcd3`. */
export interface EtcdStatus {
  /** "0" where it knows of no leader. */
  readonly leader: string;
  /** Alarms of the cluster among them, as etcd prints them. */
  readonly errors?: readonly string[];
  readonly isLearner?: boolean;
}

/** What is used of `Etcd3` of `etcd3`. */
export interface EtcdClient {
  get(key: string): { exec(): Promise<unknown> };
  readonly maintenance: { status(): Promise<EtcdStatus> };
}
