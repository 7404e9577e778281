export type {
  ConfluentKafkaAdmin,
  KafkaAdmin,
  KafkaCluster,
  KafkaOffset,
  KafkaPartition,
  KafkaTopic,
} from "./clients.ts";
export { type KafkaOptions, kafka } from "./kafka.ts";
