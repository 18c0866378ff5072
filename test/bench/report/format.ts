import {
  type Aim,
  type Figure,
  getBand,
  getMedian,
  meetsAim,
  type Ratio,
  type Row,
  type Unit,
} from './rows.ts';

/** Rounds to about three digits. */
export function formatNumber(value: number, unit: Unit | Ratio['unit']): string {
  if (unit === '%') return `${(value * 100).toFixed(1)}%`;
  if (unit === '×') return `${value.toFixed(2)}×`;
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`.trimEnd();
}

export const formatFigure = (figure: Figure | undefined, unit: Unit | Ratio['unit']): string =>
  figure === undefined ? '' : formatNumber(getMedian(figure), unit);

export const formatValue = ({ value, unit }: Row): string =>
  value === undefined ? 'unknown' : formatFigure(value, unit);

export const formatReference = ({ reference, unit }: Row): string => formatFigure(reference, unit);

export const formatRatio = ({ ratio }: Row): string =>
  ratio === undefined ? '' : formatFigure(ratio.figure, ratio.unit);

/** Quartiles of the ratio, or of the value of a row without a ratio. */
export function formatQuartiles({ value, unit, ratio }: Row): string {
  const figure = ratio ? ratio.figure : value;
  const band = figure === undefined ? undefined : getBand(figure);
  if (band === undefined) return '';
  const [lower, upper] = band;
  const format = (value: number) => formatNumber(value, ratio?.unit ?? unit);
  return `${format(lower)} to ${format(upper)}`;
}

export function formatAim({ unit, ratio, aim }: Row): string {
  if (aim === undefined) return '';
  const limit = formatNumber(aim.limit, aim.figure === 'value' ? unit : (ratio?.unit ?? '×'));
  return `${formatBound(aim)} ${limit}`;
}

const formatBound = ({ bound, limit }: Aim): string =>
  bound === 'min' ? '≥' : limit === 0 ? '=' : '≤';

/** `yes`, `no`, or empty without an aim. */
export function formatMet(row: Row): string {
  const isMet = meetsAim(row);
  return isMet === undefined ? '' : isMet ? 'yes' : 'no';
}
