import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { inferActor } from '../../domain/access/actor.ts';
import { digestValues } from '../../domain/feed/digest.ts';
import { findEventType } from '../../domain/feed/find-event-type.ts';
import type {
  ChangeReader,
  RecordedChange,
  TenantChange,
} from '../../domain/feed/recorded-change.ts';
import { type ChangeRecord, listChangedFields } from '../../domain/kernel/change-record.ts';
import type { JsonObject } from '../../domain/kernel/json-merge-patch.ts';
import type { DurationMs } from '../../domain/kernel/time.ts';
import type { CreationRecord } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Directory, sendRequest } from '../dynamodb/tables.ts';
import { type Key, keys, toMemberKey } from '../keys.ts';
import { parseRecordKey, toEntityChange } from './record-key.ts';

type Item = Readonly<Record<string, unknown>>;
type Event = RecordedChange['event'];

/** Attributes of change records. Those of an erased user have no values and no subject. */
type RecordItem = Partial<Omit<ChangeRecord, 'before' | 'version'>> & {
  /** JSON. */
  readonly before?: string;
  readonly salt?: string;
  readonly changedFields?: readonly string[];
  /** Group of a membership, and its status after the change or before the removal. */
  readonly groupId?: string;
  readonly status?: string;
};

/** Attributes of activity records. */
type ActivityItem = Pick<RecordItem, 'at' | 'actor' | 'requestId' | 'policies'> &
  Pick<Event, 'type' | 'resource'> & {
    readonly activityId: string;
    readonly fields?: readonly string[];
    readonly operation?: string;
  };

/** Time in which concurrent changes of a membership can reach the stream in another order. */
const membershipOrderMs: DurationMs = 60_000;
const maxEarlierMemberships = 200;

/** Reports an item that is no valid record. */
export type ReportMalformed = (key: Key, error: unknown) => void;

/** Reads records of changes from the directory table. Reports malformed records, and omits them. */
export function createChangeReader(tables: Directory, onMalformed: ReportMalformed): ChangeReader {
  const { client, directory } = tables;
  const query = async (
    { pk, from, to }: { readonly pk: string; readonly from: string; readonly to: string },
    limit: number,
    isDescending = false,
  ) => {
    const command = new QueryCommand({
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
      Limit: limit,
      ScanIndexForward: !isDescending,
      ConsistentRead: true,
    });
    const { Items = [], LastEvaluatedKey } = await sendRequest((options) =>
      client.send(command, options),
    );
    const changes = parseRecords(Items, onMalformed).map(({ change }) => change);
    return { changes, isComplete: LastEvaluatedKey === undefined };
  };

  return {
    async readVersions(tenantId, entity, { after, before, limit }) {
      // First, because an erasure writes a record of the creation before it deletes the user.
      const user =
        entity.kind === 'user' && after === 0
          ? await getItem(client, directory, keys.user(tenantId, entity.id))
          : undefined;
      const [creation] = parseRecords(user ? [user] : [], onMalformed);
      const { pk, sk } = toEntityChange(tenantId, entity, after + 1);
      const to = toEntityChange(tenantId, entity, before - 1).sk;
      const { changes, isComplete } = await query({ pk, from: sk, to }, limit);
      return { changes: creation ? [creation.change, ...changes] : changes, isComplete };
    },

    async readEarlierMemberships(tenantId, { id, event: { time, member, resource } }) {
      if (!member) return [];
      const memberKey = toMemberKey({ kind: member.type, id: member.id });
      const earliest = new Date(Date.parse(time) - membershipOrderMs).toISOString();
      const { pk, sk } = keys.membershipChange(tenantId, memberKey, { time: earliest, id: '' });
      const to = keys.membershipChange(tenantId, memberKey, { time, id }).sk;
      const { changes } = await query({ pk, from: sk, to }, maxEarlierMemberships, true);
      return changes
        .filter(({ event, id: otherId }) => otherId !== id && event.resource.id === resource.id)
        .toReversed();
    },
  };
}

/** Parses items that the feed numbers. Reports malformed ones, and omits them. */
export const parseRecords = (
  items: readonly Item[],
  onMalformed: ReportMalformed,
): readonly TenantChange[] =>
  items.flatMap((item) => {
    try {
      return parseRecord(item) ?? [];
    } catch (error) {
      onMalformed({ pk: String(item['pk']), sk: String(item['sk']) }, error);
      return [];
    }
  });

/**
 * Parses the image in a stream record. Undefined for items that the feed does not number. Throws for
 * a malformed record.
 */
export const parseChange = (image: object): TenantChange | undefined =>
  parseRecord(unmarshall(image as Record<string, AttributeValue>));

/** Parses an item. Undefined for items that the feed does not number. Throws if it is malformed. */
function parseRecord(item: Item): TenantChange | undefined {
  const key = parseRecordKey({ pk: String(item['pk']), sk: String(item['sk']) });
  if (!key) return undefined;
  const { tenantId, kind, id, version } = key;
  if (!Number.isSafeInteger(version)) throw new Error('The key has no version');
  if (kind === 'activity') return { tenantId, change: toActivity(item as unknown as ActivityItem) };
  const record = (item['creation'] === undefined ? item : toCreation(item)) as RecordItem;
  const { action, groupId } = record;
  if (typeof action !== 'string') throw new Error('The record has no action');
  if (kind === 'membership' && typeof groupId !== 'string')
    throw new Error('The record of a membership has no group');
  const event =
    kind === 'membership'
      ? toEvent(record, {
          type: findEventType('group', action),
          resource: { type: 'group', id: String(groupId) },
          member: { type: key.member.kind, id: key.member.id },
        })
      : toEvent(record, {
          type: findEventType(kind, action),
          resource: { type: kind, id, version },
        });
  return { tenantId, change: { kind, id, version, event, subject: findSubject(record, event) } };
}

const toActivity = ({
  activityId,
  type,
  resource,
  fields,
  operation,
  ...record
}: ActivityItem): RecordedChange => ({
  kind: 'activity',
  id: activityId,
  version: 1,
  event: {
    ...toEvent({ ...record, changedFields: fields ?? [] }, { type, resource }),
    operation,
  },
});

/** Reads the record of a creation from the item of a user. */
function toCreation(item: Item): RecordItem {
  const { createdAt, createdBy } = item as Pick<User, 'createdAt' | 'createdBy'>;
  const { requestedAt, ...creation } = item['creation'] as CreationRecord;
  return { ...creation, action: 'create', at: requestedAt ?? createdAt, by: createdBy };
}

function toEvent(
  { at, by, requestId = '', policies = [], ...record }: RecordItem,
  { type, resource, member }: Pick<Event, 'type' | 'resource' | 'member'>,
): Event {
  const { salt, actor = inferActor(by ?? '') } = record;
  if (at === undefined || Number.isNaN(Date.parse(at))) throw new Error('The record has no time');
  const before =
    record.before === undefined ? undefined : (JSON.parse(record.before) as JsonObject);
  const names = listChangedFields({ before: before ?? {}, omitted: record.omitted });
  const values = member
    ? toMembershipValues(record)
    : before && names.length > 0 && { before, omitted: record.omitted, after: record.after };
  return {
    type,
    time: at,
    resource,
    ...(member && { member }),
    actor,
    changedFields: record.changedFields ?? names,
    requestId,
    policies,
    ...(values && salt !== undefined && { digest: digestValues(salt, values) }),
  };
}

/** Converts the record of a change of a membership to the values in its digest. */
export const toMembershipValues = ({
  action,
  status,
}: Readonly<Record<string, unknown>>): Partial<Pick<ChangeRecord, 'before' | 'after'>> =>
  action === 'removeMember' ? { before: { status } } : { after: { status } };

/** Finds the subject whose hash identifies an actor of another issuer. */
const findSubject = ({ issuer, by }: RecordItem, { actor }: Event): RecordedChange['subject'] =>
  actor.type === 'external' && issuer !== undefined && by !== undefined
    ? { issuer, subject: by }
    : undefined;
