/** What a balancer answered: how many times by whom, or by which status where it was no 200. */
export type Tally = Readonly<Record<string, number>>;

/** Sends requests through a balancer, one after the other, each on a connection of its own. */
export async function send(url: string, count = 1): Promise<Tally> {
  const tally: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const response = await fetch(url, { headers: { connection: "close" } });
    const by = response.ok ? await response.text() : String(response.status);
    tally[by] = (tally[by] ?? 0) + 1;
  }
  return tally;
}
