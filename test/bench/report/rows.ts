/** Lines of the report: a value, a reference from the same run, and an aim. */
import type { Quartiles } from '../support/statistics.ts';

/** Number, with quartiles if it was measured several times. */
export type Figure = number | Quartiles;

export type Unit = '/s' | 'ms' | 's' | 'MB' | 'kB' | '';

/** Limit of the value or of the ratio. */
export interface Aim {
  readonly figure: 'value' | 'ratio';
  readonly bound: 'min' | 'max';
  readonly limit: number;
}

export interface Row {
  readonly name: string;
  readonly unit: Unit;
  /** Absent if the system does not report it. */
  readonly value?: Figure | undefined;
  /** Value of the reference, such as the bare server. */
  readonly reference?: number | undefined;
  readonly ratio?: Ratio | undefined;
  readonly aim?: Aim | undefined;
  /** True for counts and sizes, which have no noise. */
  readonly isExact?: boolean;
}

/** Ratio to the reference: a share that should be high, or a multiple that should be low. */
export interface Ratio {
  readonly figure: Figure;
  readonly unit: '%' | '×';
}

export interface Section {
  /** Names the reference, if the rows have one. */
  readonly title: string;
  readonly rows: readonly Row[];
}

export const getMedian = (figure: Figure): number =>
  typeof figure === 'number' ? figure : figure[1];

/** Quartiles of repeated measurements. Undefined for a single one, which has no noise band. */
export const getBand = (figure: Figure): readonly [lower: number, upper: number] | undefined =>
  typeof figure === 'number' || figure[0] === figure[2] ? undefined : [figure[0], figure[2]];

export const share = (figure: Figure): Ratio => ({ figure, unit: '%' });
export const multiple = (figure: Figure): Ratio => ({ figure, unit: '×' });

/** Multiple of the reference, or undefined if a value is unknown. */
export const divide = (
  value: number | undefined,
  reference: number | undefined,
): Ratio | undefined =>
  value === undefined || reference === undefined ? undefined : multiple(value / reference);

export const ratioAtLeast = (limit: number): Aim => ({ figure: 'ratio', bound: 'min', limit });
export const ratioAtMost = (limit: number): Aim => ({ figure: 'ratio', bound: 'max', limit });
export const valueAtLeast = (limit: number): Aim => ({ figure: 'value', bound: 'min', limit });
export const valueAtMost = (limit: number): Aim => ({ figure: 'value', bound: 'max', limit });

/** True if the row meets its aim. Undefined without an aim. An unknown value does not meet it. */
export function meetsAim({ value, ratio, aim }: Row): boolean | undefined {
  if (aim === undefined) return undefined;
  const figure = aim.figure === 'value' ? value : ratio?.figure;
  if (figure === undefined) return false;
  const number = getMedian(figure);
  return aim.bound === 'min' ? number >= aim.limit : number <= aim.limit;
}
