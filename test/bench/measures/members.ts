/** Effect of the size of a group on the rate of its list of members, in groups of one tenant. */
import { randomInt } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { sealCursor } from '../../../lib/domain/kernel/cursor.ts';
import { parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import { buildMembershipWrites } from '../../../lib/store/groups/membership-store.ts';
import { createKeyring } from '../../../lib/store/keyring.ts';
import { keys } from '../../../lib/store/keys.ts';
import { type Directory, getDirectory, writeItems } from '../support/fill.ts';
import { progressBar } from '../support/progress.ts';
import {
  type Load,
  share,
  type Slice,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import type { Stage } from '../support/stage.ts';
import type { Quartiles } from '../support/statistics.ts';

const concurrency = 16;
const pageLength = 50;
/** Requests per slice. */
const count = 60;

export interface MembersResult {
  readonly name: string;
  readonly members: number;
  readonly roster: Summary;
  /** Rate of the smallest group divided by this rate. Undefined for the smallest. */
  readonly slowdown: Quartiles | undefined;
}

interface FilledGroup {
  readonly id: string;
  /** User IDs in list order. */
  readonly members: readonly string[];
}

/** Fills a group per size, smallest first, and measures pages at the start and in the middle. */
export async function measureMembers(
  stage: Stage,
  { sizes, rounds, log }: { sizes: readonly number[]; rounds: number; log: (line: string) => void },
): Promise<MembersResult[]> {
  const directory = await getDirectory(stage, Math.max(...sizes));
  const groups: FilledGroup[] = [];
  for (const size of sizes) groups.push(await fillGroup(stage, directory, size));
  const load = startLoad(stage);
  const options = { stage, load, directory, groups, rounds };
  const results = [
    ...(await measure(`page of ${pageLength} members, first`, false, options)),
    ...(await measure(`page of ${pageLength} members, in the middle`, true, options)),
  ];
  await load.end();
  for (const { name, members, roster } of results)
    log(`${name}: ${roster.rate.toFixed(0)}/s of ${members}`);
  return results;
}

async function measure(
  name: string,
  isInMiddle: boolean,
  {
    stage,
    load,
    directory: { tenantId },
    groups,
    rounds,
  }: {
    stage: Stage;
    load: Load;
    directory: Directory;
    groups: readonly FilledGroup[];
    rounds: number;
  },
): Promise<MembersResult[]> {
  const { origin } = new URL(stage.roster.users(tenantId));
  const target = { ...stage.roster, users: () => `${origin}/v1/groups` };
  const sides = await Promise.all(
    groups.map(async (group) => ({
      group,
      slices: [] as Slice[],
      reads: isInMiddle ? await listMiddlePages(stage, tenantId, group) : [toPath(group)],
    })),
  );
  for (const { reads, group } of sides) await assertFullPage(stage, tenantId, reads[0], group);
  for (let round = 0; round < rounds; round++) {
    // The order rotates, so no position favors a size.
    const first = round % sides.length;
    for (const { reads, slices } of [...sides.slice(first), ...sides.slice(0, first)])
      slices.push(await load.send(target, tenantId, { count, concurrency, reads }));
  }
  return sides.map(({ group, slices }, index) => ({
    name,
    members: group.members.length,
    roster: summary(slices),
    slowdown: index === 0 ? undefined : share(sides[0]?.slices ?? [], slices),
  }));
}

const toPath = ({ id }: FilledGroup): string => `/${id}/members?maxResults=${pageLength}`;

/** Pages after random members in the second quarter of the list, by the cursor of Roster. */
async function listMiddlePages(
  { tables }: Stage,
  tenantId: string,
  group: FilledGroup,
): Promise<string[]> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const keyring = createKeyring({ client, secrets: tables.secrets });
  const scope = [tenantId, 'native', ['members', parseGroupId(group.id), undefined]] as const;
  const quarter = Math.floor(group.members.length / 4);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const id = group.members[quarter + randomInt(quarter)] ?? '';
      const { sk } = keys.groupMember(tenantId, '', { kind: 'USER', id });
      const cursor = await sealCursor(sk, scope, { keyring, now: () => new Date() });
      return `${toPath(group)}&nextToken=${cursor}`;
    }),
  );
}

/** Creates a group through the API and writes its memberships directly, as Roster writes them. */
async function fillGroup(
  stage: Stage,
  { tenantId, users }: Directory,
  size: number,
): Promise<FilledGroup> {
  const { groupId: id } = await request(stage, tenantId, '', { name: `members-${size}` });
  const groupId = parseGroupId(id) ?? '';
  const members = users
    .slice(0, size)
    .map(({ userId }) => userId)
    .toSorted((a, b) => (a < b ? -1 : 1));
  const joinedAt = new Date().toISOString();
  const show = progressBar(`filling a group of ${size}`, size);
  for (let start = 0; start < size; start += membersInBatch) {
    const batch = members.slice(start, start + membersInBatch);
    const writes = batch.flatMap((userId) =>
      buildMembershipWrites(stage.tables.directory, tenantId, {
        change: {
          before: undefined,
          after: {
            groupId,
            member: { kind: 'user', id: userId },
            status: 'member',
            joinedAt,
            addedBy: 'bench',
          },
        },
        nesting: undefined,
      }),
    );
    const puts = writes.flatMap(({ Put }) => (Put ? [{ PutRequest: { Item: Put.Item } }] : []));
    await writeItems(stage, puts);
    show(start + batch.length);
  }
  return { id, members };
}

/** DynamoDB's limit is 25 items. A membership has two. */
const membersInBatch = 12;

async function assertFullPage(
  stage: Stage,
  tenantId: string,
  path: string | undefined,
  { members }: FilledGroup,
): Promise<void> {
  const { members: page } = await request(stage, tenantId, path ?? '');
  if (page?.length !== pageLength)
    throw new Error(`A page of ${members.length} members has ${page?.length}`);
}

async function request(
  { roster, issuer }: Stage,
  tenantId: string,
  path: string,
  body?: object,
): Promise<{ groupId: string; members?: object[] }> {
  const token = createIssuer(issuer).mintAccessToken({ sub: 'bench', tenantId, roles: ['admin'] });
  const response = await fetch(`${new URL(roster.users(tenantId)).origin}/v1/groups${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { groupId: string; members?: object[] };
}
