/**
 * What a fault proxy does to its connections.
 * - `pass`: forwards.
 * - `refuse`: nobody listens, so a new connection gets ECONNREFUSED; those that were open get RST.
 * - `hang`: accepts and holds the bytes of both directions, of open connections as well.
 * - `slow`: forwards each chunk late.
 * - `reset`: those that are open get RST; a new one is accepted, then gets RST at its first bytes.
 * - `cut`: the next answer of each connection ends in the middle, by RST.
 * - `half-open`: the bytes of both directions are lost, as if the target had gone without a word; a connection that lost
 *   some gets RST when the mode ends, or at its next bytes.
 */
export type FaultMode = "pass" | "refuse" | "hang" | "slow" | "reset" | "cut" | "half-open";
