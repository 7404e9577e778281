// biome-ignore lint/suspicious/noExplicitAny: what each event tells is the driver's to say
type Listener = (...told: any[]) => void;

/** What is used of a client of `mqtt`. */
export interface MqttClient {
  readonly connected: boolean;
  readonly disconnecting: boolean;
  readonly disconnected: boolean;
  readonly reconnecting: boolean;
  sendPing(): void;
  on(event: string | symbol, listener: Listener): unknown;
  removeListener(event: string | symbol, listener: Listener): unknown;
  listenerCount(event: string | symbol): number;
}
