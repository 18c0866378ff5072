import { AsyncLocalStorage } from 'node:async_hooks';

/** Read and write units of one request: collected until `charge` is known, then passed on. */
interface Meter {
  units: number;
  charge: ((units: number) => void) | undefined;
}

const meters = new AsyncLocalStorage<Meter>();

/** Runs the work of one request, and measures what it consumes of the tables. */
export const runMetered = <Result>(work: () => Result): Result =>
  meters.run({ units: 0, charge: undefined }, work);

/** Adds consumed read or write units to the current request, if there is one. */
export function addConsumption(units: number): void {
  const meter = meters.getStore();
  if (!meter) return;
  if (meter.charge) meter.charge(units);
  else meter.units += units;
}

/** Names the account of the current request, which also pays for what was consumed so far. */
export function setAccount(charge: (units: number) => void): void {
  const meter = meters.getStore();
  if (!meter) return;
  meter.charge = charge;
  charge(meter.units);
  meter.units = 0;
}
