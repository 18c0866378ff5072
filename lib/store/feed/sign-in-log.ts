import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SignInLog } from '../../domain/sign-in/record-sign-in.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';
import { buildCount, getActivityWindow, toActivityItem } from './activity-store.ts';

/** Sign-ins do not wait longer for their record. */
const timeoutMs = 500;

/** Stores sign-ins. Calls `onFailure` for a failed write, which must not fail the sign-in. */
export function createSignInLog(
  { client, directory }: Directory,
  onFailure: (error: unknown) => void,
): SignInLog {
  const getOptions = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });

  return {
    async put({ tenantId, userId }, record) {
      const key = keys.userActivity(tenantId, userId, `${record.at}#${record.activityId}`);
      const options = getOptions();
      const write = async () => {
        const Item = { ...key, ...toActivityItem(record) };
        await client.send(new PutCommand({ TableName: directory, Item }), options);
        // An erasure that follows this read removes the item. An earlier one may have missed it.
        const read = new GetCommand({
          TableName: directory,
          Key: { ...keys.user(tenantId, userId) },
          ConsistentRead: true,
        });
        const { Item: user } = await client.send(read, options);
        if (user && !('deletion' in user)) return;
        await client.send(new DeleteCommand({ TableName: directory, Key: { ...key } }), options);
      };
      await write().catch(onFailure);
    },

    async countFailure(tenantId, record) {
      const window = getActivityWindow(record);
      const key =
        tenantId === undefined
          ? keys.unknownTenantActivity(window)
          : keys.tenantActivity(tenantId, window);
      const command = buildCount(directory, key, { record, count: 1 });
      await client.send(command, getOptions()).catch(onFailure);
    },
  };
}
