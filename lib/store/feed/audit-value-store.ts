import type { AuditValues, AuditValueStore } from '../../domain/audit-log/audit-log.ts';
import { type ActivityType, formatActivityWindow } from '../../domain/feed/activity.ts';
import type { FeedEvent } from '../../domain/feed/feed-event.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { CreationRecord } from '../../domain/users/user-store.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { fromRecordItem } from '../dynamodb/change-records.ts';
import { queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys, memberKinds, membershipChangesAt, signInsAt } from '../keys.ts';
import { toEntityChange } from './record-key.ts';
import { toMembershipValues } from './recorded-changes.ts';

type Item = Readonly<Record<string, unknown>>;
type Query = Parameters<typeof queryPrefix>[1];

/** Reads the values of events from change records and activity records. */
export function createAuditValueStore(tables: Directory, now: () => EpochMs): AuditValueStore {
  /** DynamoDB deletes expired items late. */
  const isRetained = ({ ttl }: Item): boolean => ttl === undefined || Number(ttl) * 1000 > now();

  /** Finds records whose keys the events do not have. Events of one window share a query. */
  const findUnkeyed = async (tenantId: Uuid, events: readonly FeedEvent[]) => {
    const queries = new Map(
      events.map((event) => {
        const query = toQuery(tenantId, event);
        return [JSON.stringify(query), query] as const;
      }),
    );
    const results = new Map(
      await Promise.all(
        [...queries].map(
          async ([text, query]) => [text, await queryPrefix(tables, query)] as const,
        ),
      ),
    );
    return events.map((event) => {
      const items = results.get(JSON.stringify(toQuery(tenantId, event))) ?? [];
      const item = items.filter(isRetained).find((each) => matchesRecord(each, event));
      return { event, values: item && toUnkeyedValues(item, event) };
    });
  };

  const findKeyed = async (events: readonly (readonly [FeedEvent, Key])[]) => {
    const itemKeys = events.map(([, key]) => key);
    const items = await batchGetOrdered(tables, itemKeys);
    return events.map(([event], index) => {
      const item = items[index];
      return { event, values: item && isRetained(item) ? toValues(item, event) : undefined };
    });
  };

  return {
    async find(tenantId, events) {
      const keyed = events.flatMap((event) => {
        const key = toRecordKey(tenantId, event);
        return key ? [[event, key] as const] : [];
      });
      const unkeyed = events.filter((event) => !toRecordKey(tenantId, event));
      const found = await Promise.all([findKeyed(keyed), findUnkeyed(tenantId, unkeyed)]);
      return new Map(
        found.flat().flatMap(({ event, values }) => (values ? [[event.sequence, values]] : [])),
      );
    },
  };
}

/** Key of a change record, or of activity in a window. Undefined for memberships and sign-ins. */
function toRecordKey(tenantId: Uuid, event: FeedEvent): Key | undefined {
  const { resource, member, time: at, changedFields: fields } = event;
  const { type, id, version } = resource;
  if (member !== undefined) return undefined;
  if (version === undefined) {
    const window = formatActivityWindow({ ...event, type: event.type as ActivityType, at, fields });
    return window === undefined ? undefined : keys.tenantActivity(tenantId, window);
  }
  // The item of a user has the record of its creation.
  if (type === 'user' && version === 1) return keys.user(tenantId, id);
  return toEntityChange(tenantId, { kind: type, id }, version);
}

/** Converts the item of a record or of a user. Undefined if its values are erased. */
function toValues(item: Item, event: FeedEvent): AuditValues | undefined {
  if (event.resource.version === undefined) return toUnkeyedValues(item, event);
  const { creation, createdBy } = item;
  if (creation !== undefined)
    return { by: String(createdBy), issuer: (creation as CreationRecord).issuer };
  if (item['before'] === undefined) return undefined;
  const { by, issuer, before, omitted, after } = fromRecordItem(item);
  return { by, issuer, before, omitted, after };
}

/** Query for the changes of the member, or the sign-ins of the user, at the time of an event. */
function toQuery(tenantId: Uuid, event: FeedEvent): Query {
  const { member, resource, time: at } = event;
  if (member)
    return membershipChangesAt(tenantId, { kind: memberKinds[member.type], id: member.id }, at);
  return signInsAt(tenantId, resource.id, at);
}

const matchesRecord = (item: Item, { member, resource, requestId, type }: FeedEvent): boolean =>
  item['requestId'] === requestId &&
  (member ? item['groupId'] === resource.id : item['type'] === type);

/** Converts the item of a change of a membership, or of an activity. */
function toUnkeyedValues(item: Item, { member }: FeedEvent): AuditValues | undefined {
  const { by, issuer, operation, fields, method, ipAddress, userAgent, count } = item;
  if (!member) {
    const details = { operation, fields, method, ipAddress, userAgent };
    const entries = Object.entries(details).filter(([, value]) => value !== undefined);
    return {
      details: entries.length > 0 ? Object.fromEntries(entries) : undefined,
      count: count as number | undefined,
    };
  }
  if (typeof by !== 'string' || typeof issuer !== 'string') return undefined;
  return { by, issuer, ...toMembershipValues(item) };
}
