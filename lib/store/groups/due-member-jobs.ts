import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DueMemberJobStore } from '../../domain/groups/member-job.ts';
import type { DurationMs, EpochMs } from '../../domain/kernel/time.ts';
import { queryPages } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { sendConditionalWithRetry } from '../dynamodb/transaction.ts';
import { keys, memberJobShard, outboxIndex, parseMemberJobKey } from '../keys.ts';

const timeoutMs: DurationMs = 15_000;

/** Jobs for the function that continues them. */
export function createDueMemberJobStore(
  { client, directory }: Directory,
  now: () => EpochMs,
): DueMemberJobStore {
  return {
    async *listDue(before) {
      const query = {
        TableName: directory,
        IndexName: outboxIndex.name,
        KeyConditionExpression: '#partition = :shard AND #sort < :before',
        ExpressionAttributeNames: {
          '#partition': outboxIndex.partition,
          '#sort': outboxIndex.sort,
        },
        ExpressionAttributeValues: { ':shard': memberJobShard, ':before': before },
      };
      for await (const items of queryPages(client, query))
        for (const { pk, sk, [outboxIndex.sort]: dueAt } of items)
          yield {
            ...parseMemberJobKey({ pk: String(pk), sk: String(sk) }),
            dueAt: String(dueAt),
          };
    },

    lease({ tenantId, groupId, sequence, dueAt }, until) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.memberJob(tenantId, groupId, sequence) },
        UpdateExpression: `SET ${outboxIndex.sort} = :until`,
        ConditionExpression: `${outboxIndex.sort} = :dueAt`,
        ExpressionAttributeValues: { ':until': until, ':dueAt': dueAt },
      });
      const deadline = now() + timeoutMs;
      return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    },

    async removeFinished({ tenantId, groupId, sequence }) {
      const command = new DeleteCommand({
        TableName: directory,
        Key: { ...keys.memberJob(tenantId, groupId, sequence) },
        ConditionExpression: 'isFinished = :true',
        ExpressionAttributeValues: { ':true': true },
      });
      const deadline = now() + timeoutMs;
      await sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    },
  };
}
