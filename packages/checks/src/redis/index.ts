export type {
  Ioredis,
  IoredisCluster,
  NodeRedis,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  NodeRedisSentinel,
  RedisEmitter,
} from "./clients.ts";
export { type RedisClient, type RedisOptions, type RedisRole, redis } from "./redis.ts";
