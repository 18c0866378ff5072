import { nat } from 'fast-check';

/**
 * Scales the runs of a property by `PROPERTY_FACTOR`: 0.5 by default, because the suite must take less than 2
 * minutes, and more in nightly builds.
 */
export const scaleRuns = (runs: number): number =>
  Math.ceil(runs * Number(process.env['PROPERTY_FACTOR'] ?? 0.5));

const [firstSurrogate, surrogates, maxCodePoint] = [0xd800, 0x800, 0x10ffff];

/**
 * Any code point except surrogates, like the unit `binary` of fast-check, which builds a map of all
 * code points in each worker.
 */
export const anyCharacter = nat({ max: maxCodePoint - surrogates }).map(
  (index) => String.fromCodePoint(index < firstSurrogate ? index : index + surrogates),
  (value) => {
    const codePoint = typeof value === 'string' ? value.codePointAt(0) : undefined;
    if (codePoint === undefined || value !== String.fromCodePoint(codePoint))
      throw new Error('not a character');
    return codePoint < firstSurrogate ? codePoint : codePoint - surrogates;
  },
);
