import { createHash, randomUUID } from 'node:crypto';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { MemberJob, MemberJobStore, MemberJobUsers } from '../../domain/groups/member-job.ts';
import type { MembershipChange } from '../../domain/groups/group-store.ts';
import { erasureTime } from '../../domain/users/user.ts';
import type { DurationMs, EpochMs } from '../../domain/kernel/time.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { writeChange } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Directory } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putIfAbsent,
  sendConditionalWithRetry,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { type Key, keys, memberJobShard, outboxIndex } from '../keys.ts';
import { combineGroupWrite } from './group-writes.ts';
import { reserveMembers, subtractMembers } from './member-count.ts';
import { formatUuid, fromMemberItem, listJobs, listOpenJobs, unpackIds } from './member-jobs.ts';
import { updateMembersVersion } from './members-version.ts';
import { buildMembershipWrites, toChangeRecordItem } from './membership-store.ts';
import { findPart, packId, toAddedMembership } from './pending-memberships.ts';

type Direction = keyof MemberJobUsers;

/** Users of a job that one transaction changes. */
const chunkSize = 24;
/** Maximum IDs in a part, which readers of a user's groups read. */
const partLength = 512;
/** A transaction holds 100 items. */
const maxPartBits = 6;
/** Time until another function continues the job of a request. */
const requestLeaseMs: DurationMs = 15_000;
/** Longer than any request, which can have read memberships before the job was finished. */
const finishedMs: DurationMs = 60_000;
/** DynamoDB writes up to 1,000 units per second to the partition of a group. */
const defaultRate = 400;

/** Large changes of members. `rate` is the number of members per second. */
export function createMemberJobStore(
  tables: Directory,
  now: () => EpochMs,
  rate = defaultRate,
): MemberJobStore {
  const { client, directory } = tables;
  const toTimestamp = (timeMs: EpochMs) => new Date(timeMs).toISOString();

  const listOpen = (tenantId: string, groupId: string) => listOpenJobs(tables, tenantId, groupId);

  /** Reads which users a job still changes. Throws `unavailable`. */
  const readChanges = async (
    job: MemberJob,
    direction: Direction,
    userIds: readonly string[],
  ): Promise<readonly MembershipChange[]> => {
    const { tenantId, groupId } = job;
    const items = await batchGetOrdered(
      tables,
      userIds.flatMap((id) => [
        toRecordKey(job, id),
        keys.groupMember(tenantId, groupId, { kind: 'USER', id }),
        keys.user(tenantId, id),
      ]),
    );
    return userIds.flatMap((id, index): readonly MembershipChange[] => {
      const [record, member, user] = items.slice(index * 3);
      // Each user is changed once: another request can have reverted the change.
      if (record) return [];
      if (direction === 'removed')
        return member ? [{ before: fromMemberItem(member), after: undefined }] : [];
      return member || !isExisting(user)
        ? []
        : [{ before: undefined, after: toAddedMembership(job, id) }];
    });
  };

  /** Changes users in one transaction. Throws `unavailable` at the deadline. */
  const applyChunk = async (
    job: MemberJob,
    direction: Direction,
    { userIds, deadline }: { readonly userIds: readonly string[]; readonly deadline: EpochMs },
  ): Promise<void> => {
    const { tenantId, groupId } = job;
    for (;;) {
      if (now() >= deadline) throw outcomeUnknown();
      const changes = await readChanges(job, direction, userIds);
      if (changes.length === 0) return;
      const writes = withConflict(
        'changed' as const,
        changes.flatMap((change) => buildChange(directory, job, change)),
      );
      const outcome = await transact(client, { writes, token: randomUUID(), deadline }, now);
      if (outcome === 'unknown') throw outcomeUnknown();
      if (outcome !== 'written') continue;
      const removed = direction === 'removed' ? changes.length : 0;
      await subtractMembers(tables, { tenantId, groupId, removed }, { deadline, now });
      return;
    }
  };

  const applyPart = async (
    job: MemberJob,
    { part, direction }: { readonly part: number; readonly direction: Direction },
    deadline: EpochMs,
  ): Promise<void> => {
    const key = keys.memberJobPart(job.tenantId, job.jobId, part);
    const ids = unpackIds((await getItem(client, directory, key))?.[direction]);
    for (let first = 0; first < ids.length; first += chunkSize) {
      const startedAtMs = performance.now();
      const userIds = ids.slice(first, first + chunkSize);
      await applyChunk(job, direction, { userIds, deadline });
      const pauseMs = startedAtMs + (userIds.length * 1000) / rate - performance.now();
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    if (direction === 'added') {
      const command = new DeleteCommand({ TableName: directory, Key: { ...key } });
      await sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    }
  };

  /** Changes some users, and removes them from the part, so readers see their later changes. */
  const applyIds = async (
    job: MemberJob,
    {
      key,
      direction,
      ids,
    }: { readonly key: Key; readonly direction: Direction; readonly ids: ReadonlySet<string> },
    deadline: EpochMs,
  ): Promise<void> => {
    for (let isRemoved = false; !isRemoved; ) {
      if (now() >= deadline) throw outcomeUnknown();
      const packed = (await getItem(client, directory, key))?.[direction];
      const changed = unpackIds(packed);
      const userIds = changed.filter((id) => ids.has(id));
      if (userIds.length === 0) return;
      await applyChunk(job, direction, { userIds, deadline });
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...key },
        UpdateExpression: 'SET #ids = :rest',
        ConditionExpression: '#ids = :before',
        ExpressionAttributeNames: { '#ids': direction },
        ExpressionAttributeValues: {
          ':before': packed,
          ':rest': Buffer.concat(changed.filter((id) => !ids.has(id)).map(packId)),
        },
      });
      isRemoved = await sendConditionalWithRetry(
        (options) => client.send(command, options),
        deadline,
        now,
      );
    }
  };

  const finish = async (job: MemberJob, deadline: EpochMs): Promise<void> => {
    for (const direction of ['removed', 'added'] as const)
      for (let part = 0; part < 2 ** job.partBits; part += 1)
        await applyPart(job, { part, direction }, deadline);
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...keys.memberJob(job.tenantId, job.groupId, job.sequence) },
      UpdateExpression: `SET isFinished = :true, ${outboxIndex.sort} = :until`,
      ConditionExpression: 'jobId = :jobId',
      ExpressionAttributeValues: {
        ':true': true,
        ':until': toTimestamp(now() + finishedMs),
        ':jobId': job.jobId,
      },
    });
    await sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
  };

  return {
    listOpen,

    async commit(
      { tenantId, groupId, audit, version, group: groupWrite },
      { added, removed },
      deadline,
    ) {
      const jobs = await listJobs(tables, tenantId, groupId);
      const group = { tenantId, groupId };
      const limit = { deadline, now };
      if (added.length > 0) {
        const count = { ...group, added: added.length };
        if (!(await reserveMembers(tables, count, limit))) return 'full';
      }
      const job: MemberJob = {
        ...group,
        jobId: randomUUID(),
        sequence: (jobs.at(-1)?.sequence ?? 0) + 1,
        partBits: countPartBits(added.length + removed.length),
        audit,
      };
      const header = {
        ...keys.memberJob(tenantId, groupId, job.sequence),
        ...job,
        [outboxIndex.partition]: memberJobShard,
        [outboxIndex.sort]: toTimestamp(now() + requestLeaseMs),
      };
      const { records, writes } = combineGroupWrite(directory, groupWrite);
      // Without a known outcome, the members stay counted.
      const outcome = await writeChange(
        tables,
        {
          record: header,
          writes: [
            ...writes,
            ...withConflict('stale' as const, [
              ...records.map((record) => putIfAbsent(directory, record)),
              ...buildParts(directory, job, { added, removed }),
              ...(version ? [updateMembersVersion(directory, group, version)] : []),
            ]),
          ],
          deadline,
        },
        now,
      );
      if (outcome === 'written') return 'written';
      await subtractMembers(tables, { ...group, removed: added.length }, limit);
      return outcome === 'stale' ? 'stale' : outcome.conflict;
    },

    async applyTo(jobs, userIds, deadline) {
      for (const job of jobs) {
        const parts = Map.groupBy(userIds, (userId) => findPart(job, userId));
        for (const direction of ['removed', 'added'] as const)
          for (const [part, ids] of parts) {
            const key = keys.memberJobPart(job.tenantId, job.jobId, part);
            await applyIds(job, { key, direction, ids: new Set(ids) }, deadline);
          }
      }
    },

    async applyAll(tenantId, groupId, deadline) {
      for (const job of await listOpen(tenantId, groupId)) await finish(job, deadline);
    },
  };
}

function countPartBits(ids: number): number {
  const bits = Math.ceil(Math.log2(Math.max(ids / partLength, 1)));
  return Math.min(bits, maxPartBits);
}

function buildParts(TableName: string, job: MemberJob, users: MemberJobUsers): Write[] {
  const parts = Array.from({ length: 2 ** job.partBits }, () => ({
    added: [] as Buffer[],
    removed: [] as Buffer[],
  }));
  for (const direction of ['added', 'removed'] as const)
    for (const userId of users[direction])
      parts[findPart(job, userId)]?.[direction].push(packId(userId));
  return parts.map(({ added, removed }, part) =>
    putIfAbsent(TableName, {
      ...keys.memberJobPart(job.tenantId, job.jobId, part),
      ...(added.length > 0 && { added: Buffer.concat(added) }),
      ...(removed.length > 0 && { removed: Buffer.concat(removed) }),
    }),
  );
}

const isExisting = (user: Record<string, unknown> | undefined): boolean =>
  user !== undefined &&
  (user['deletion'] as { readonly at?: string } | undefined)?.at !== erasureTime;

/** ID of the record of a user's change, so a repetition finds it. */
const toRecordId = ({ jobId }: MemberJob, userId: string): string =>
  formatUuid(createHash('sha256').update(`${jobId} ${userId}`).digest('hex').slice(0, 32));

const toRecordKey = (job: MemberJob, userId: string): Key =>
  keys.membershipChange(
    job.tenantId,
    { kind: 'USER', id: userId },
    { time: job.audit.at, id: toRecordId(job, userId) },
  );

/** A deleted user can be restored, with the membership. A user who is being erased gets none. */
function buildChange(TableName: string, job: MemberJob, change: MembershipChange): Write[] {
  const { tenantId, audit } = job;
  const userId = (change.after ?? change.before)?.member.id ?? '';
  const record = { ...audit, id: toRecordId(job, userId) };
  return [
    putIfAbsent(TableName, toChangeRecordItem(tenantId, change, record)),
    ...buildMembershipWrites(TableName, tenantId, {
      change,
      nesting: undefined,
      createsMember: true,
    }),
    ...(change.after
      ? [
          {
            ConditionCheck: {
              TableName,
              Key: { ...keys.user(tenantId, userId) },
              ConditionExpression:
                'attribute_exists(pk) AND (attribute_not_exists(deletion) OR deletion.#at <> :erasure)',
              ExpressionAttributeNames: { '#at': 'at' },
              ExpressionAttributeValues: { ':erasure': erasureTime },
            },
          },
        ]
      : []),
  ];
}
