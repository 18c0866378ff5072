import type { EntityChange } from '../../domain/kernel/entity.ts';
import type { AppClient, SecretInfo } from '../../domain/app-clients/app-client.ts';
import { putIfAbsent, type Write } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';

/**
 * Builds the writes to the secrets table for a change of an app client: puts the new secret with
 * its `hash`, updates expirations and deletes removed secrets. None of them reads a secret.
 */
export function buildSecretWrites(
  { before, after }: EntityChange<AppClient>,
  hash: string | undefined,
  secretsTable: string,
): Write[] {
  const { tenantId, appClientId } = after;
  const toKey = ({ secretId }: SecretInfo) => ({
    ...keys.appClientSecret(tenantId, appClientId, secretId),
  });
  const [current, next] = [indexSecrets(before?.secrets ?? []), indexSecrets(after.secrets)];
  const added = after.secrets.filter(({ secretId }) => !current.has(secretId));
  const removed = [...current.values()].filter(({ secretId }) => !next.has(secretId));
  const rescheduled = after.secrets.filter(({ secretId, expiresAt }) => {
    const secret = current.get(secretId);
    return secret && secret.expiresAt !== expiresAt;
  });
  if (added.length > 0 && hash === undefined) throw new Error('The new secret has no hash');
  return [
    ...added.map((secret) => {
      const { secretId, expiresAt } = secret;
      const item = { ...toKey(secret), tenantId, appClientId, secretId, hash, expiresAt };
      return putIfAbsent(secretsTable, item);
    }),
    ...rescheduled.map(
      (secret): Write => ({
        Update: {
          TableName: secretsTable,
          Key: toKey(secret),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':expiresAt': secret.expiresAt },
        },
      }),
    ),
    ...removed.map(
      (secret): Write => ({
        Delete: { TableName: secretsTable, Key: toKey(secret) },
      }),
    ),
  ];
}

const indexSecrets = (secrets: readonly SecretInfo[]): ReadonlyMap<string, SecretInfo> =>
  new Map(secrets.map((secret) => [secret.secretId, secret]));
