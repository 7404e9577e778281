export { type AmqpClient, type AmqpOptions, amqp } from "./amqp.ts";
export type { AmqpChannel, AmqpConnection, AmqpQueue } from "./clients.ts";
