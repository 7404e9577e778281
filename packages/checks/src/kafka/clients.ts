/** What is used of what an admin client says of its cluster. */
export interface KafkaCluster {
  readonly brokers: readonly unknown[];
  /** Null where there is none. */
  readonly controller: number | null;
}

/** What is used of what an admin client says of a topic. */
export interface KafkaTopic {
  readonly name: string;
  readonly partitions: readonly KafkaPartition[];
}

/** One partition of a topic: ids of brokers. */
export interface KafkaPartition {
  readonly partitionId: number;
  /** -1 where there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** How far a partition was read or written; offsets are whole numbers in words. */
export interface KafkaOffset {
  readonly partition: number;
  readonly offset: string;
}

/** What is used of an admin client of `kafkajs`: what `kafka.admin()` returned. */
export interface KafkaAdmin {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  describeCluster(): Promise<KafkaCluster>;
  fetchTopicMetadata(): Promise<{ readonly topics: readonly KafkaTopic[] }>;
  fetchOffsets(options: {
    groupId: string;
    topics: string[];
  }): Promise<readonly { readonly topic: string; readonly partitions: readonly KafkaOffset[] }[]>;
  fetchTopicOffsets(topic: string): Promise<readonly KafkaOffset[]>;
  /** Returns what takes the listener off again. */
  on(event: "admin.connect" | "admin.disconnect", listener: () => void): () => void;
}

/**
 * What is used of an admin client of `@confluentinc/kafka-javascript`: what `kafka.admin()`, or `dependentAdmin()` of a
 * producer or consumer, returned. It has no events, and says nothing of the cluster as a whole.
 */
export interface ConfluentKafkaAdmin {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  listTopics(options?: { timeout?: number }): Promise<readonly string[]>;
  fetchTopicMetadata(options?: { topics?: string[]; timeout?: number }): Promise<readonly KafkaTopic[]>;
}
