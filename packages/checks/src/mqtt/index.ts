export type { MqttClient } from "./clients.ts";
export { type MqttOptions, mqtt } from "./mqtt.ts";
