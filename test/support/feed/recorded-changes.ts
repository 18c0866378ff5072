/** Change records without the changes, and the stream records that show them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { RecordedChange } from '../../../lib/domain/feed/recorded-change.ts';
import { type Key, keys } from '../../../lib/store/keys.ts';

export type RecordItem = Key & Readonly<Record<string, unknown>>;

/** Entities whose records these functions build. A membership is of the user `a` in a group. */
export type Entity = Pick<RecordedChange, 'id'> & {
  readonly kind: 'user' | 'role' | 'group' | 'tenant' | 'membership';
};

const start = Date.parse('2026-05-01T12:00:00Z');

/**
 * Builds the record of a version: for a membership its n-th change, some seconds after the one
 * before. The creation of a user is in the user item.
 */
export function buildRecord(
  tenantId: string,
  { kind, id }: Entity,
  version: number,
  attributes: object = {},
): RecordItem {
  const at = new Date(start + version * 5000).toISOString();
  const actor = { type: 'system', id: 'test' };
  const audit = { actor, requestId: `${id} ${version}`, policies: [], ...attributes };
  const action = version === 1 ? 'create' : 'update';
  const record = { version, action, at, before: '{}', ...audit };
  switch (kind) {
    case 'user':
      return version === 1
        ? { ...keys.user(tenantId, id), version, createdAt: at, creation: audit }
        : { ...keys.userChange(tenantId, id, version), ...record };
    case 'role':
      return { ...keys.roleChange(tenantId, id, version), ...record };
    case 'group':
      return { ...keys.groupChange(tenantId, id, version), ...record };
    case 'tenant':
      return { ...keys.tenantChange(tenantId, version), ...record };
    default: {
      const position = { time: at, id: `${id}-${version}` };
      const key = keys.membershipChange(tenantId, { kind: 'USER', id: 'a' }, position);
      return { ...key, action: 'updateMember', groupId: id, at, ...audit };
    }
  }
}

let lastNumber = 0;

/** Builds the stream record of an inserted item. */
export const toInsertRecord = (item: RecordItem): DynamoDBRecord => {
  const image = marshall(item, { removeUndefinedValues: true });
  const { pk, sk } = image as Record<'pk' | 'sk', AttributeValue.SMember>;
  return {
    eventName: 'INSERT',
    dynamodb: {
      Keys: { pk: { S: pk.S }, sk: { S: sk.S } },
      NewImage: image as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] & object,
      SequenceNumber: String(++lastNumber),
    },
  };
};
