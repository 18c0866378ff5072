import type { AppClient, SecretInfo } from '../../domain/app-clients/app-client.ts';
import type { EntityChange } from '../../domain/kernel/entity.ts';
import { keys } from '../keys.ts';
import { putIfAbsent, type Write } from '../dynamodb/transaction.ts';

/**
 * What a change of an app client does to its secrets in the table `secrets`: one that is new is put there with its `hash`,
 * one that is to end at another time is told so, and one that is gone is removed. None of it reads a secret.
 */
export function buildSecretWrites(
  { before, after }: EntityChange<AppClient>,
  hash: string | undefined,
  secrets: string,
): Write[] {
  const { tenantId, appClientId } = after;
  const at = ({ secretId }: SecretInfo) => ({
    TableName: secrets,
    Key: { ...keys.appClientSecret(tenantId, appClientId, secretId) },
  });
  const [held, wanted] = [byId(before?.secrets ?? []), byId(after.secrets)];

  const made = after.secrets.filter(({ secretId }) => !held.has(secretId));
  const gone = (before?.secrets ?? []).filter(({ secretId }) => !wanted.has(secretId));
  const ending = after.secrets.filter(
    (secret) =>
      held.has(secret.secretId) && held.get(secret.secretId)?.expiresAt !== secret.expiresAt,
  );
  return [
    ...made.map(({ secretId, expiresAt }) => {
      const key = keys.appClientSecret(tenantId, appClientId, secretId);
      return putIfAbsent(secrets, {
        ...key,
        tenantId,
        appClientId,
        secretId,
        hash: hashOf(hash),
        expiresAt,
      });
    }),
    ...ending.map(
      (secret): Write => ({
        Update: {
          ...at(secret),
          UpdateExpression: 'SET expiresAt = :expiresAt',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':expiresAt': secret.expiresAt },
        },
      }),
    ),
    ...gone.map((secret): Write => ({ Delete: at(secret) })),
  ];
}

const byId = (secrets: readonly SecretInfo[]): ReadonlyMap<string, SecretInfo> =>
  new Map(secrets.map((secret) => [secret.secretId, secret]));

function hashOf(hash: string | undefined): string {
  if (hash === undefined) throw new Error('a new secret comes with its hash');
  return hash;
}
