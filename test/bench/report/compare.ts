/** Comparison of a run with an earlier one. */
import { isDeepStrictEqual } from 'node:util';
import type { Results } from './results.ts';
import { getBand, getMedian, type Row, type Section } from './rows.ts';

/** `noise` is a change within the quartiles. `unknown` is a change of values without quartiles. */
export type Change = 'better' | 'worse' | 'same' | 'noise' | 'unknown';

type Conditions = Pick<Results, 'machine' | 'quick'>;

/**
 * Lists the conditions in which two runs differ, such as the number of cores. Their results are not
 * comparable unless the list is empty.
 */
export function findDifferences(before: Conditions, after: Conditions): string[] {
  const { load: _, ...machineBefore } = before.machine;
  const { load: __, ...machineAfter } = after.machine;
  const names = new Set([...Object.keys(machineBefore), ...Object.keys(machineAfter)]);
  const machines = [...names].flatMap((name) => {
    const [one, other]: unknown[] = [machineBefore, machineAfter].map((machine) =>
      Reflect.get(machine, name),
    );
    return isDeepStrictEqual(one, other) ? [] : [`${name}: ${String(one)} and ${String(other)}`];
  });
  const lengths =
    before.quick === after.quick
      ? []
      : [`length: ${describeLength(before)} and ${describeLength(after)}`];
  return [...machines, ...lengths];
}

/** Throws if the conditions of two runs differ. */
export function assertComparable(before: Conditions, after: Conditions): void {
  const differences = findDifferences(before, after);
  if (differences.length === 0) return;
  throw new Error(
    `The runs are not comparable. Add --force to compare them anyway.\n${differences.join('\n')}`,
  );
}

const describeLength = ({ quick }: Conditions): string => (quick ? 'a quick run' : 'a full run');

/** Finds the row of an earlier run by section and name. */
export const findRow = (
  sections: readonly Section[],
  title: string,
  name: string,
): Row | undefined =>
  sections.find((section) => section.title === title)?.rows.find((row) => row.name === name);

/**
 * Compares the ratios of two rows, each from one run, or their values if they have no ratio. A
 * change counts if the quartiles of both runs do not overlap.
 */
export function compareRows(before: Row, after: Row): Change {
  const hasRatio = before.ratio !== undefined && after.ratio !== undefined;
  const [one, other] = hasRatio
    ? [before.ratio?.figure, after.ratio?.figure]
    : [before.value, after.value];
  if (one === undefined || other === undefined) return 'unknown';
  const [bandBefore, bandAfter] = [getBand(one), getBand(other)];
  if (!bandBefore && !bandAfter && !after.isExact) return 'unknown';
  const [lowerBefore, upperBefore] = bandBefore ?? [getMedian(one), getMedian(one)];
  const [lowerAfter, upperAfter] = bandAfter ?? [getMedian(other), getMedian(other)];
  const isHigherBetter = hasRatio ? after.ratio?.unit === '%' : after.unit === '/s';
  if (lowerAfter > upperBefore) return isHigherBetter ? 'better' : 'worse';
  if (upperAfter < lowerBefore) return isHigherBetter ? 'worse' : 'better';
  return after.isExact ? 'same' : 'noise';
}
