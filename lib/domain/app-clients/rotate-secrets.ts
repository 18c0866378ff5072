import { createSecret, type NewSecret, createSecretId } from './create-secret.ts';
import { type AppClient, selectActiveSecrets, type SecretInfo } from './app-client.ts';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import {
  type AppClientDependencies,
  authorizeWrite,
  changeAppClient,
  isCaller,
  assertNotRevoked,
  type AppClientTarget,
} from './change-app-client.ts';

/** The current secret and its replacement. */
const maxActiveSecrets = 2;

/**
 * Creates a new secret, which is returned only here. The previous one stays active for the overlap.
 * Throws `forbidden`, `not_found`, `precondition_failed`, `app_client_revoked`, and
 * `secret_limit_reached` if two secrets would stay active.
 */
export async function rotateSecret(
  { target, overlapMs }: { readonly target: AppClientTarget; readonly overlapMs: DurationMs },
  context: RequestContext,
  deps: AppClientDependencies,
): Promise<{ readonly appClient: AppClient; readonly secret: string }> {
  authorizeWrite({}, context, deps.policy);
  const { change, hash, getSecret } = prepareRotation({ overlapMs }, context, deps);
  const update = { action: 'rotateSecret', target, change, hash } as const;
  const appClient = await changeAppClient(update, context, deps);
  return { appClient, secret: getSecret() };
}

interface Rotation {
  readonly overlapMs: DurationMs;
  /** Expiration of the new secret. */
  readonly expiresAt?: Timestamp | undefined;
}

/**
 * Prepares the change that adds a secret, which is the same in each attempt. The change throws
 * `app_client_revoked` or `secret_limit_reached`.
 */
export function prepareRotation(
  { overlapMs, expiresAt }: Rotation,
  context: RequestContext,
  { now: getNow }: Pick<AppClientDependencies, 'now'>,
) {
  const secretId = createSecretId();
  let newSecret: NewSecret | undefined;
  const change = (before: AppClient): Partial<AppClient> => {
    assertNotRevoked(before);
    const now = getNow();
    const active = selectActiveSecrets(before, now);
    const retained = overlapMs === 0 ? [] : active;
    if (retained.length >= maxActiveSecrets) throw secretLimitReached();
    newSecret ??= createSecret(before.clientId);
    const overlapEnd = new Date(now.getTime() + overlapMs).toISOString();
    const limit = buildCredentialLimit(context, now);
    const secret = { secretId, createdAt: now.toISOString(), ...(limit && { limit }) };
    return {
      secrets: [
        ...retained.map((earlier) => withExpiry(earlier, overlapEnd)),
        { ...secret, ...(expiresAt !== undefined && { expiresAt }) },
      ],
    };
  };
  return {
    change,
    hash: () => newSecret?.hash,
    getSecret: (): string => {
      if (!newSecret) throw new Error('The rotation created no secret');
      return newSecret.secret;
    },
  };
}

/**
 * Removes a secret. Throws `forbidden`, `not_found`, `precondition_failed`, and `self_protected`
 * for the last secret of the caller.
 */
export async function removeSecret(
  { target, secretId }: { readonly target: AppClientTarget; readonly secretId: string },
  context: RequestContext,
  deps: AppClientDependencies,
): Promise<AppClient> {
  authorizeWrite({}, context, deps.policy);
  const change = (appClient: AppClient) =>
    removeActiveSecret({ appClient, secretId }, context, deps.now());
  return changeAppClient({ action: 'removeSecret', target, change }, context, deps);
}

/** Removes an active secret. Throws `not_found`, or `self_protected` for the caller's last one. */
export function removeActiveSecret(
  { appClient, secretId }: { readonly appClient: AppClient; readonly secretId: string },
  context: RequestContext,
  now: Date,
): Pick<AppClient, 'secrets'> {
  const active = selectActiveSecrets(appClient, now);
  const remaining = active.filter((secret) => secret.secretId !== secretId);
  if (remaining.length === active.length)
    throw new Failure('not_found', 'The app client has no active secret with this ID');
  if (remaining.length === 0 && isCaller(appClient, context))
    throw new Failure('self_protected', 'An app client cannot remove its own last secret');
  return { secrets: remaining };
}

const secretLimitReached = (): Failure =>
  new Failure(
    'secret_limit_reached',
    'The app client already has two active secrets. Remove one, or set overlapSeconds to 0.',
  );

/** Moves the expiration forward to a time. Timestamps of one format compare as strings. */
const withExpiry = (secret: SecretInfo, expiresAt: Timestamp): SecretInfo => ({
  ...secret,
  expiresAt:
    secret.expiresAt !== undefined && secret.expiresAt < expiresAt ? secret.expiresAt : expiresAt,
});
