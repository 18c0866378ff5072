import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { type Key, keys } from '../../../lib/store/keys.ts';
import type { Stage } from './stage.ts';

/** Where a user is, and who has written it. */
export interface WrittenItem {
  readonly by: string;
  readonly tenantId: string;
  /** As a UUID, or as Roster's ids wrap it. */
  readonly userId: string;
}

/** Throws unless both users have the same items: as many, with the same attributes. */
export async function assertSameItems(
  { tables }: Stage,
  ...users: readonly [WrittenItem, WrittenItem]
): Promise<void> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const read = async (TableName: string, Key: Key) =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item ?? {};
  const readShape = async ({ tenantId, userId }: WrittenItem) => {
    const uuid = parseUserId(userId) ?? userId;
    const user = await read(tables.directory, keys.user(tenantId, uuid));
    const claim = await read(tables.directory, keys.emailClaim(tenantId, String(user.email)));
    const secret = await read(tables.secrets, keys.userSecret(tenantId, uuid));
    const notice = await read(tables.directory, keys.accountNotice(tenantId, uuid, 1));
    const { creation, invitation = {} } = user as Record<string, object>;
    return [user, creation ?? {}, invitation, claim, secret, notice].map((item) =>
      Object.keys(item).toSorted(),
    );
  };
  const [one, other] = await Promise.all(users.map(readShape));
  if (isDeepStrictEqual(one, other)) return;
  const [{ by }, { by: another }] = users;
  throw new Error(
    `${by} and ${another} do not write the same items:\n${JSON.stringify(one)}\n${JSON.stringify(other)}`,
  );
}
