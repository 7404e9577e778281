/**
 * Forecasts how much tea will be ordered, the hard way: it simulates demand for so many seconds, all of it on the event
 * loop. No service should do that, and one day one does.
 */
export function forecastDemand(seconds: number): number {
  const end = Date.now() + seconds * 1_000;
  let simulations = 0;
  let demand = 0;
  while (Date.now() < end) {
    for (let day = 0; day < 10_000; day++) demand += Math.random() * 2;
    simulations++;
  }
  return Math.round(demand / simulations);
}
