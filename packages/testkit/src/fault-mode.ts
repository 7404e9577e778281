/**
 * What a fault proxy does to its connections.
 * - `pass`: forwards.
 * - `refuse`: nobody listens, so a new connection gets ECONNREFUSED; those that were open get RST.
 * - `hang`: accepts and holds the bytes of both directions, of open connections as well.
 * - `slow`: forwards each chunk late.
 * - `reset`: those that are open get RST; a new one is accepted, then gets RST at its first bytes.
 */
export type FaultMode = "pass" | "refuse" | "hang" | "slow" | "reset";
