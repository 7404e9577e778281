/**
 * Forecasts how much tea will be ordered, the hard way: it simulates demand until it has used so many seconds of CPU, all of
 * it on the event loop. No service should do that, and one day one does.
 */
export function forecastDemand(seconds: number): number {
  const start = process.cpuUsage();
  let simulations = 0;
  let demand = 0;
  while (process.cpuUsage(start).user < seconds * 1_000_000) {
    for (let day = 0; day < 10_000; day++) demand += Math.random() * 2;
    simulations++;
  }
  return Math.round(demand / simulations);
}
