import { parseArgs } from 'node:util';
import { type MeasureName, measureNames } from './report/results.ts';

export const usage = `Usage: npm run bench [-- OPTIONS]

  --quick            rougher figures in 2 minutes
  --only NAME,NAME   only these measurements (see below)
  --against FILE     compares with an earlier run, from its JSON
  --force            compares runs of different machines or lengths
  --from FILE        shows an earlier run, from its JSON, and measures nothing
  --markdown         prints Markdown
  --page             writes the figures to docs/performance.md

Measurements: ${measureNames.join(', ')}`;

export interface Options {
  readonly quick: boolean;
  /** Absent for all measurements. */
  readonly only?: readonly MeasureName[];
  readonly against?: string;
  readonly from?: string;
  readonly force: boolean;
  readonly markdown: boolean;
  readonly page: boolean;
  readonly help: boolean;
}

/** Parses the command line. Throws with the usage for an unknown option or measurement. */
export function readOptions(args: readonly string[]): Options {
  try {
    return parseOptions(args);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

function parseOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { only, ...values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      only: text,
      against: text,
      from: text,
      force: flag,
      markdown: flag,
      page: flag,
      help: flag,
    },
  }).values;
  return { ...values, ...(only !== undefined && { only: only.split(',').map(parseName) }) };
}

function parseName(text: string): MeasureName {
  const found = measureNames.find((name) => name === text);
  if (found === undefined) throw new Error(`${text} is not one of ${measureNames.join(', ')}`);
  return found;
}
