import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  PutCommand,
  UpdateCommand,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { SinkGroup, SinkKey, SinkState, SinkStore } from '../../domain/sinks/sink-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPages } from '../dynamodb/query.ts';
import {
  type Directory,
  schemaVersion,
  sendConditionalWrite,
  sendRequest,
} from '../dynamodb/tables.ts';
import { keys, outboxIndex, parseSinkKey } from '../keys.ts';

/** Stores the progress of sinks, one item each, outside of all transactions. */
export function createSinkStore({ client, directory }: Directory, now: () => EpochMs): SinkStore {
  const put = (
    state: SinkState,
    lease: { readonly leaseId: Uuid; readonly leasedUntilMs?: EpochMs },
  ): Promise<boolean> => {
    const command = new PutCommand({
      TableName: directory,
      Item: {
        ...keys.sink(state.tenantId, state.sinkId),
        ...state,
        ...lease,
        ...(state.dueAt !== undefined && { [outboxIndex.partition]: getGroup(state) }),
        schemaVersion,
      },
      ConditionExpression: 'leaseId = :id',
      ExpressionAttributeValues: { ':id': lease.leaseId },
    });
    return sendConditionalWrite((options) => client.send(command, options));
  };

  return {
    async get({ tenantId, sinkId }) {
      const item = await getItem(client, directory, keys.sink(tenantId, sinkId));
      return item && fromItem(item);
    },

    async acquire({ tenantId, sinkId }, { id, untilMs }, startAt) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.sink(tenantId, sinkId) },
        // The last clause accepts a repetition of this request after a lost response.
        ConditionExpression:
          'attribute_not_exists(leasedUntilMs) OR leasedUntilMs <= :now OR leaseId = :id',
        UpdateExpression: `SET ${[
          'tenantId = :tenantId',
          'sinkId = :sinkId',
          '#cursor = if_not_exists(#cursor, :startAt)',
          'retries = if_not_exists(retries, :none)',
          'attempts = if_not_exists(attempts, :zero)',
          'leaseId = :id',
          'leasedUntilMs = :until',
          'schemaVersion = :schemaVersion',
        ].join(', ')}`,
        ExpressionAttributeNames: { '#cursor': 'cursor' },
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':sinkId': sinkId,
          ':startAt': startAt,
          ':none': [],
          ':zero': 0,
          ':id': id,
          ':until': untilMs,
          ':now': now(),
          ':schemaVersion': schemaVersion,
        },
        ReturnValues: 'ALL_NEW',
      });
      const { Attributes } = await sendRequest((options) =>
        client.send(command, options).catch(ignoreFailedCondition),
      );
      return Attributes && fromItem(Attributes);
    },

    save: (state, { id, untilMs }) => put(state, { leaseId: id, leasedUntilMs: untilMs }),

    // The ID remains, so a repetition of the request after a lost response succeeds.
    release: (state, leaseId) => put(state, { leaseId }),

    async remove({ tenantId, sinkId }) {
      const Key = { ...keys.sink(tenantId, sinkId) };
      const command = new DeleteCommand({ TableName: directory, Key });
      await sendRequest((options) => client.send(command, options));
    },

    async *listDue(group, time) {
      const query = {
        TableName: directory,
        IndexName: outboxIndex.name,
        KeyConditionExpression: '#partition = :shard AND #sort <= :now',
        ExpressionAttributeNames: {
          '#partition': outboxIndex.partition,
          '#sort': outboxIndex.sort,
        },
        ExpressionAttributeValues: { ':shard': group, ':now': time },
      };
      for await (const items of queryPages(client, query))
        for (const { pk, sk, dueAt } of items)
          yield { ...parseSinkKey({ pk: String(pk), sk: String(sk) }), dueAt: String(dueAt) };
    },
  };
}

const getGroup = ({ sinkId }: SinkKey): SinkGroup =>
  sinkId === 'bus' || sinkId === 'archive' ? 'EXPORTS' : 'WEBHOOKS';

function ignoreFailedCondition(error: unknown): Pick<UpdateCommandOutput, 'Attributes'> {
  if (error instanceof ConditionalCheckFailedException) return {};
  throw error;
}

function fromItem(item: Record<string, unknown>): SinkState {
  const {
    leaseId: _id,
    leasedUntilMs: _until,
    [outboxIndex.partition]: _group,
    ...state
  } = toAttributes(item);
  return state as unknown as SinkState;
}
