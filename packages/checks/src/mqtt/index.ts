export type { MqttClient, MqttListener } from "./clients.ts";
export { type MqttOptions, mqtt } from "./mqtt.ts";
