import { AsyncLocalStorage } from 'node:async_hooks';

/** Read and write units of one request. Collects them until `charge` is set. */
interface Meter {
  units: number;
  charge: ((units: number) => void) | undefined;
}

const meters = new AsyncLocalStorage<Meter>();

/** Runs a request and measures the read and write units that it consumes. */
export const runMetered = <Result>(work: () => Result): Result =>
  meters.run({ units: 0, charge: undefined }, work);

/** Adds consumed read or write units to the current request, if there is one. */
export function addConsumption(units: number): void {
  const meter = meters.getStore();
  if (!meter) return;
  if (meter.charge) meter.charge(units);
  else meter.units += units;
}

/** Charges the consumption of the current request, including earlier units, to an account. */
export function chargeConsumptionTo(charge: (units: number) => void): void {
  const meter = meters.getStore();
  if (!meter) return;
  meter.charge = charge;
  charge(meter.units);
  meter.units = 0;
}
