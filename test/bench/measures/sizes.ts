/**
 * Effect of the directory size on the rate: the same requests to tenants of several sizes in one
 * table, in turns.
 */
import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { sealCursor } from '../../../lib/domain/kernel/cursor.ts';
import { toHex, formatId } from '../../../lib/domain/kernel/ids.ts';
import { createKeyring } from '../../../lib/store/keyring.ts';
import { type Directory, fill, remove } from '../support/fill.ts';
import { assertSameItems } from '../support/same-items.ts';
import {
  type Load,
  type Slice,
  share,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import type { Stage } from '../support/stage.ts';
import type { Quartiles } from '../support/statistics.ts';

const concurrency = 16;
const pageLength = 100;
/** Number of distinct users and pages per size. */
const variety = 500;

/** Requests to a directory. Without reads, creates. */
interface Operation {
  readonly name: string;
  /** Requests per slice, about half a second. */
  readonly requests: number;
  /** URL suffix by position in the list. */
  readonly read?: (position: number, directory: Directory) => string | Promise<string>;
  /** The same for the bare server. */
  readonly readBare?: (position: number, directory: Directory) => string;
}

export interface SizeResult {
  readonly name: string;
  readonly users: number;
  readonly roster: Summary;
  /** Rate of the smallest directory divided by this rate. Undefined for the smallest. */
  readonly slowdown: Quartiles | undefined;
  /**
   * The same for the bare server, if it has the operation, and Roster's rate as a share of its
   * rate.
   */
  readonly bare: Summary | undefined;
  readonly share: Quartiles | undefined;
}

/** Fills a directory per size, smallest first, and measures every operation. */
export async function measureSizes(
  stage: Stage,
  {
    sizes,
    rounds,
    onlyLists = false,
    log,
  }: {
    sizes: readonly number[];
    rounds: number;
    onlyLists?: boolean;
    log: (line: string) => void;
  },
): Promise<SizeResult[]> {
  const directories = await fill(stage, sizes);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const ring = createKeyring({ client, secrets: stage.tables.secrets });
  /** Page after a position, by the cursor of the previous page. */
  const page = async (position: number, { tenantId, users }: Directory): Promise<string> =>
    `?maxResults=${pageLength}&nextToken=${await sealCursor(users[position]?.email ?? '', [tenantId, 'native', {}], { keyring: ring, now: () => new Date() })}`;
  const userId = (position: number, { users }: Directory): string => users[position]?.userId ?? '';
  const lists: readonly Operation[] = [
    {
      name: `page of ${pageLength}, first`,
      requests: 60,
      read: () => `?maxResults=${pageLength}`,
    },
    { name: `page of ${pageLength}, in the middle`, requests: 60, read: page },
  ];
  const others: readonly Operation[] = [
    {
      name: 'get by id',
      requests: 700,
      read: (...place) => `/${formatId('cradl', 'user', toHex(userId(...place)))}`,
      readBare: (...place) => `/${userId(...place)}`,
    },
    { name: 'create', requests: 250 },
  ];

  const load = startLoad(stage);
  for (const directory of directories) {
    await assertListed(stage, directory, `?maxResults=${pageLength}`, 0);
    const middle = Math.floor(directory.size / 2);
    await assertListed(stage, directory, await page(middle, directory), middle + 1);
    await assertCreatesTheSame(stage, load, directory);
  }
  const sized: SizeResult[] = [];
  for (const operation of onlyLists ? lists : [...lists, ...others]) {
    const measured = await measure(operation, { stage, load, directories, rounds });
    log(
      `${operation.name}: ${measured.map(({ users, roster }) => `${roster.rate.toFixed(0)}/s of ${users}`).join(', ')}`,
    );
    sized.push(...measured);
  }
  await load.end();
  return sized;
}

async function measure(
  { name, requests, read, readBare }: Operation,
  {
    stage,
    load,
    directories,
    rounds,
  }: { stage: Stage; load: Load; directories: readonly Directory[]; rounds: number },
): Promise<SizeResult[]> {
  const { roster, bare } = stage;
  const pathsTo = async (path: Operation['read'], directory: Directory) =>
    path &&
    (await Promise.all(
      positions(directory.size).map(async (position) => path(position, directory)),
    ));
  const sides = await Promise.all(
    directories.map(async (directory) => ({
      directory,
      ours: { target: roster, reads: await pathsTo(read, directory), slices: [] as Slice[] },
      theirs: readBare && {
        target: bare,
        reads: await pathsTo(readBare, directory),
        slices: [] as Slice[],
      },
    })),
  );
  for (let round = 0; round < rounds; round++) {
    // The order rotates, so no position favors a size.
    const first = round % sides.length;
    for (const { directory, ours, theirs } of [...sides.slice(first), ...sides.slice(0, first)]) {
      const both = theirs ? [ours, theirs] : [ours];
      for (const { target, reads, slices } of round % 2 === 0 ? both : both.toReversed()) {
        const slice = await load.send(target, directory.tenantId, {
          count: requests,
          concurrency,
          ...(reads && { reads }),
        });
        slices.push(slice);
        await remove(stage, directory, slice.created);
      }
    }
  }
  return sides.map(({ directory, ours, theirs }, index) => ({
    name,
    users: directory.size,
    roster: summary(ours.slices),
    slowdown: index === 0 ? undefined : share(sides[0]?.ours.slices ?? [], ours.slices),
    bare: theirs && summary(theirs.slices),
    share: theirs && share(ours.slices, theirs.slices),
  }));
}

/** Random positions in the middle half of a list. */
const positions = (size: number): number[] =>
  Array.from({ length: variety }, () => Math.floor(size / 4) + randomInt(Math.floor(size / 2)));

/** Throws unless Roster lists the users from this position. */
async function assertListed(
  { roster, issuer }: Stage,
  { tenantId, users }: Directory,
  path: string,
  from: number,
): Promise<void> {
  const token = createIssuer(issuer).mintAccessToken({ sub: 'nobody', tenantId, roles: ['admin'] });
  const answer = await fetch(`${roster.users(tenantId)}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const text = await answer.text();
  const { users: shown = [] } = JSON.parse(text) as { users?: { email: string }[] };
  const emails = ({ email }: { email?: string | undefined }) => email;
  if (isDeepStrictEqual(shown.map(emails), users.slice(from, from + pageLength).map(emails)))
    return;
  throw new Error(
    `The list of Roster differs from the directory: ${answer.status} ${text.slice(0, 500)}`,
  );
}

/** Throws unless the directory has the same items as Roster writes for a new user. */
async function assertCreatesTheSame(stage: Stage, load: Load, directory: Directory): Promise<void> {
  const { tenantId } = directory;
  const { created } = await load.send(stage.roster, tenantId, { count: 1, concurrency: 1 });
  const [one, other] = [created[0]?.userId ?? '', directory.users[0]?.userId ?? ''];
  await assertSameItems(
    stage,
    { by: 'Roster', tenantId, userId: one },
    { by: 'the filling', tenantId, userId: other },
  );
  await remove(stage, directory, created);
}
