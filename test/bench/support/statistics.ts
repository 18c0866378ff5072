/** Quantile of the numbers. 0.5 is the median. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const [below = NaN, above = below] = sorted.slice(Math.floor(position), Math.floor(position) + 2);
  return below + (above - below) * (position % 1);
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

export type Quartiles = readonly [lower: number, median: number, upper: number];

export const quartiles = (numbers: readonly number[]): Quartiles => [
  quantile(numbers, 0.25),
  median(numbers),
  quantile(numbers, 0.75),
];
