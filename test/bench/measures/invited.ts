/**
 * Effect of invitations on the rate of creates, split into the embedded database, which maintains a
 * stream and an index, and the consumer, which sends mail on the same cores.
 */
import { join } from 'node:path';
import { buildStack } from '../../../infra/local/template/build-stack.ts';
import { startDatabase } from '../../../infra/local/process/database.ts';
import { readMailbox } from './mails.ts';
import { end, freePort, processorTime } from '../support/processes.ts';
import {
  type Load,
  type Requests,
  type Slice,
  share,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import { startRoster, tenantId } from '../support/stage.ts';
import { median, type Quartiles, quartiles } from '../support/statistics.ts';
import {
  copyStack,
  listResources,
  type Resources,
  removeConsumer,
  removeStream,
} from '../support/template.ts';

const concurrency = 16;
/** Warms up the code of creates. Reads leave no stream records. */
const warmUp = { invitations: 150, reads: 1000 };

interface Variant {
  readonly name: string;
  readonly change: (resources: Resources) => void;
  readonly sendsMails: boolean;
}

const variants: readonly Variant[] = [
  { name: 'a table alone', change: removeStream, sendsMails: false },
  { name: 'with stream and index', change: removeConsumer, sendsMails: false },
  { name: 'and their consumer', change: () => {}, sendsMails: true },
];

export interface Invited {
  readonly name: string;
  /** Users with a password, without an invitation. */
  readonly password: boolean;
  readonly roster: Summary;
  /** CPU time of the database per create, in ms. Undefined if the system does not report it. */
  readonly databaseMs: number | undefined;
  /** Rate as a share of the previous variant. Undefined for the first. */
  readonly share: Quartiles | undefined;
  /** Mails per second during the creates. */
  readonly mailRate: number;
  readonly mailRates?: Quartiles;
}

interface Measured extends Slice {
  readonly databaseSeconds: number;
  readonly mails: number;
}

/** Users per slice. At most 500, the size of the mailbox. */
interface Counts {
  readonly invitations: number;
  readonly passwords: number;
}

/**
 * Measures every variant in several processes, in turns, each with its own database, because the
 * embedded database slows down with every stream record. Skipped for other databases.
 */
export async function measureInvited(
  folder: string,
  { rounds, log, ...counts }: Counts & { rounds: number; log: (line: string) => void },
): Promise<Invited[]> {
  if (process.env.AWS_ENDPOINT_URL_DYNAMODB) return [];
  const stack = await buildStack(folder, new AbortController().signal);
  const port = await freePort();
  const load = startLoad({
    issuer: { issuer: `http://localhost:${port}/_local`, keyFile: join(folder, 'issuer-key.json') },
  });
  const sides = variants.map((variant, index) => {
    const own = join(folder, `variant-${index}`);
    copyStack(stack, own, (resources) => {
      variant.change(resources);
      liftLimit(resources);
    });
    return { ...variant, folder: own, invited: [] as Measured[], withPassword: [] as Measured[] };
  });

  for (let round = 0; round < rounds; round++) {
    // The order rotates, so no position favors a variant.
    const first = round % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const { invited, withPassword } = await measureOnce(side, { port, load, counts });
      side.invited.push(invited);
      side.withPassword.push(withPassword);
    }
  }
  await load.end();

  return (['invited', 'withPassword'] as const).flatMap((kind) => {
    const results = sides.map((side, index): Invited => {
      const before = sides[index - 1]?.[kind];
      const mailRates = side[kind].map(({ mails, seconds }) => mails / seconds);
      return {
        name: side.name,
        password: kind === 'withPassword',
        roster: summary(side[kind]),
        databaseMs: databaseMs(side[kind]),
        share: before && share(side[kind], before),
        mailRate: median(mailRates),
        mailRates: quartiles(mailRates),
      };
    });
    const rates = results
      .map(({ name, roster }) => `${roster.rate.toFixed(0)}/s ${name}`)
      .join(', ');
    log(`create${kind === 'withPassword' ? ', password' : ''}: ${rates}`);
    return results;
  });
}

async function measureOnce(
  { folder, sendsMails }: { folder: string; sendsMails: boolean },
  { port, load, counts }: { port: number; load: Load; counts: Counts },
): Promise<{ invited: Measured; withPassword: Measured }> {
  const database = await startDatabase();
  const roster = await startRoster(folder, port, { AWS_ENDPOINT_URL_DYNAMODB: database.endpoint });
  const url = `http://127.0.0.1:${port}`;
  const measure = async (requests: Omit<Requests, 'concurrency'>): Promise<Measured> => {
    const began = Date.now();
    const before = processorTime(database) ?? NaN;
    const slice = await load.send(roster, tenantId, { ...requests, concurrency });
    const databaseSeconds = (processorTime(database) ?? NaN) - before;
    const ended = Date.now();
    const times = (await readMailbox(url)).map(({ time }) => Date.parse(time));
    return {
      ...slice,
      databaseSeconds,
      mails: times.filter((time) => time >= began && time <= ended).length,
    };
  };

  const { created } = await load.send(roster, tenantId, { count: warmUp.invitations, concurrency });
  await load.send(roster, tenantId, {
    count: warmUp.reads,
    concurrency,
    reads: created.map(({ userId }) => `/${userId}`),
  });
  if (sendsMails) await readMailbox(url, created.length);
  const withPassword = await measure({ count: counts.passwords, password: true });
  const invited = await measure({ count: counts.invitations });
  await end(roster.process);
  await database.stop();
  return { invited, withPassword };
}

function databaseMs(slices: readonly Measured[]): number | undefined {
  const seconds = slices.reduce((sum, { databaseSeconds }) => sum + databaseSeconds, 0);
  const requests = slices.reduce((sum, slice) => sum + slice.requests, 0);
  return Number.isNaN(seconds) ? undefined : (seconds * 1000) / requests;
}

/** A tenant at its hourly mail limit would cost less. */
function liftLimit(resources: Resources): void {
  for (const [, { Environment }] of listResources(resources, 'AWS::Lambda::Function')) {
    if (Environment?.Variables?.MAILS_PER_TENANT_HOUR)
      Environment.Variables.MAILS_PER_TENANT_HOUR = '1000000';
  }
}
