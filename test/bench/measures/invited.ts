/**
 * What inviting does to the rate of creates: how much of that is the embedded database's, which keeps a stream and an index beside the
 * table, and how much the consumer's, which sends the mails on the same cores.
 */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildStack } from '../../../infra/local/template/build-stack.ts';
import { startDatabase } from '../../../infra/local/process/database.ts';
import { mailsIn } from './mails.ts';
import { end, freePort, processorTime } from '../support/processes.ts';
import {
  type Load,
  type Quartiles,
  type Requests,
  type Slice,
  share,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import { startRoster, tenantId } from '../support/stage.ts';
import { median } from '../support/statistics.ts';
import {
  changeTemplate,
  ofType,
  type Resources,
  withoutConsumer,
  withoutStream,
} from '../support/template.ts';

const concurrency = 16;
/** So that the code of the creates has been compiled, and little is in the stream yet: reads leave nothing there. */
const warmUp = { invitations: 150, reads: 1000 };

interface Variant {
  readonly name: string;
  readonly change: (resources: Resources) => void;
  readonly sendsMails: boolean;
}

const variants: readonly Variant[] = [
  { name: 'a table alone', change: withoutStream, sendsMails: false },
  { name: 'with stream and index', change: withoutConsumer, sendsMails: false },
  { name: 'and their consumer', change: () => {}, sendsMails: true },
];

export interface Invited {
  readonly name: string;
  /** Users with a password, whom nobody invites. */
  readonly password: boolean;
  readonly roster: Summary;
  /** Milliseconds of processor time in the database for one create; undefined where the system does not say. */
  readonly databaseMs: number | undefined;
  /** The rate as a share of the variant's before this one; undefined for the first. */
  readonly share: Quartiles | undefined;
  /** Handed over per second while the users were created. */
  readonly mailRate: number;
}

interface Measured extends Slice {
  readonly databaseSeconds: number;
  readonly mails: number;
}

/** In one slice. At most 500 invitations: the mailbox shows no more. */
interface Counts {
  readonly invitations: number;
  readonly passwords: number;
}

/**
 * Measures every variant in so many processes, in turns, each with a database of its own: the embedded one slows down with every
 * record of a stream. Measures nothing where another database is to be used.
 */
export async function measureInvited(
  folder: string,
  { rounds, tell, ...counts }: Counts & { rounds: number; tell: (line: string) => void },
): Promise<Invited[]> {
  if (process.env.AWS_ENDPOINT_URL_DYNAMODB) return [];
  const stack = await buildStack(folder, new AbortController().signal);
  const port = await freePort();
  const load = startLoad({
    issuer: { issuer: `http://localhost:${port}/_local`, keyFile: join(folder, 'issuer-key.json') },
  });
  const sides = variants.map((variant, index) => {
    const own = join(folder, `variant-${index}`);
    for (const name of ['cdk.out', 'cdk.out.sha256', 'issuer-key.json'])
      cpSync(join(folder, name), join(own, name), { recursive: true });
    changeTemplate(join(own, basename(stack)), (resources) => {
      variant.change(resources);
      liftLimit(resources);
    });
    return { ...variant, folder: own, invited: [] as Measured[], withPassword: [] as Measured[] };
  });

  for (let round = 0; round < rounds; round++) {
    // Who comes first changes, so that no place in the round favours anybody.
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
      return {
        name: side.name,
        password: kind === 'withPassword',
        roster: summary(side[kind]),
        databaseMs: databaseMs(side[kind]),
        share: before && share(side[kind], before),
        mailRate: median(side[kind].map(({ mails, seconds }) => mails / seconds)),
      };
    });
    const rates = results
      .map(({ name, roster }) => `${roster.rate.toFixed(0)}/s ${name}`)
      .join(', ');
    tell(`create${kind === 'withPassword' ? ', password' : ''}: ${rates}`);
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
    const times = (await mailsIn(url)).map(({ time }) => Date.parse(time));
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
  if (sendsMails) await mailsIn(url, created.length);
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

/** A tenant that has had its mails for the hour would cost less than one that has not. */
function liftLimit(resources: Resources): void {
  for (const [, { Environment }] of ofType(resources, 'AWS::Lambda::Function')) {
    if (Environment?.Variables?.MAILS_PER_TENANT_HOUR)
      Environment.Variables.MAILS_PER_TENANT_HOUR = '1000000';
  }
}
