/** Hears an event. */
// biome-ignore lint/suspicious/noExplicitAny: what each event tells is the driver's to say
export type MqttListener = (...told: any[]) => void;

/** What is used of a client of `mqtt`. */
export interface MqttClient {
  readonly connected: boolean;
  readonly disconnecting: boolean;
  readonly disconnected: boolean;
  readonly reconnecting: boolean;
  sendPing(): void;
  on(event: string | symbol, listener: MqttListener): unknown;
  removeListener(event: string | symbol, listener: MqttListener): unknown;
  listenerCount(event: string | symbol): number;
}
