import { TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Timestamp } from '../../domain/kernel/time.ts';
import type { SignInTimeStore } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Precision of the latest sign-in. */
const intervalMs = 60_000;
const timeoutMs = 500;

export const createSignInTimeStore = ({ client, directory }: Directory): SignInTimeStore => ({
  async record(user, at) {
    const { lastSignInAt } = user;
    const earlier = new Date(at.getTime() - intervalMs).toISOString();
    if (lastSignInAt !== undefined && lastSignInAt > earlier) return;
    const options = { abortSignal: AbortSignal.timeout(timeoutMs) };
    const signIn = { user, at: at.toISOString() };
    const write =
      lastSignInAt === undefined
        ? client.send(buildFirst(directory, signIn), options)
        : client.send(buildReplacement(directory, signIn, earlier), options);
    // A failure must not fail the sign-in, and the next one repeats the write.
    await write.then(
      () => undefined,
      () => undefined,
    );
  },
});

interface SignIn {
  readonly user: Pick<User, 'tenantId' | 'userId'>;
  readonly at: Timestamp;
}

const toUpdate = (directory: string, { tenantId, userId }: SignIn['user']) => ({
  TableName: directory,
  Key: { ...keys.lastSignIn(tenantId, userId) },
  UpdateExpression: 'SET lastSignInAt = :now',
});

/** Builds the write of the first time, for a user who is not deleted. */
function buildFirst(directory: string, { user, at }: SignIn): TransactWriteCommand {
  const update = {
    ...toUpdate(directory, user),
    ConditionExpression: 'attribute_not_exists(pk)',
    ExpressionAttributeValues: { ':now': at },
  };
  const check = {
    TableName: directory,
    Key: { ...keys.user(user.tenantId, user.userId) },
    // A tombstone has this attribute until the erasure deletes it, after all other items.
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(deletion)',
  };
  return new TransactWriteCommand({
    TransactItems: [{ Update: update }, { ConditionCheck: check }],
  });
}

/** Builds the write of a later time. Its condition fails after an erasure, which deletes the item. */
const buildReplacement = (
  directory: string,
  { user, at }: SignIn,
  earlier: Timestamp,
): UpdateCommand =>
  new UpdateCommand({
    ...toUpdate(directory, user),
    ConditionExpression: 'lastSignInAt <= :earlier',
    ExpressionAttributeValues: { ':now': at, ':earlier': earlier },
  });
