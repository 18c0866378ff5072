/** Scales the runs of a property by `PROPERTY_FACTOR`: 1 by default, more in nightly builds. */
export const scaleRuns = (runs: number): number =>
  Math.ceil(runs * Number(process.env['PROPERTY_FACTOR'] ?? 1));
