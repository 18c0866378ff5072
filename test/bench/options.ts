import { parseArgs } from 'node:util';
import { type MeasureName, measureNames } from './report/results.ts';

const usage = `Usage: npm run bench [-- OPTIONS]

  --quick            rougher figures in 2 minutes
  --only NAME,NAME   some of ${measureNames.join(', ')}
  --against FILE     compares with the JSON of an earlier run
  --force            compares although machine or length of the runs differ
  --from FILE        shows the JSON of an earlier run, without a measurement
  --markdown         prints Markdown
  --page             writes the figures to docs/performance.md`;

export interface Options {
  readonly quick: boolean;
  /** Absent for all measurements. */
  readonly only?: readonly MeasureName[];
  readonly against?: string;
  readonly from?: string;
  readonly force: boolean;
  readonly markdown: boolean;
  readonly page: boolean;
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
    },
  }).values;
  return { ...values, ...(only !== undefined && { only: only.split(',').map(parseName) }) };
}

function parseName(text: string): MeasureName {
  const found = measureNames.find((name) => name === text);
  if (found === undefined) throw new Error(`${text} is not one of ${measureNames.join(', ')}`);
  return found;
}
