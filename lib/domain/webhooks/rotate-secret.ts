import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs } from '../kernel/time.ts';
import {
  authorizeWebhooks,
  changeWebhook,
  type WebhookDependencies,
  type WebhookTarget,
} from './change-webhook.ts';
import { type DeriveSigningKeys, formatPublicKey, formatSecret } from './secret.ts';
import { type SecretGeneration, selectLiveSecrets, type Webhook } from './webhook.ts';

export interface SecretDependencies {
  /** ID of the KMS key from which new secrets derive. */
  readonly webhookKeyId: string;
  readonly deriveSigningKeys: DeriveSigningKeys;
}

/** The current secret and the previous one. */
const maxLiveSecrets = 2;

/** Creates a generation of the signing keys. Throws `unavailable`. */
export async function createGeneration(
  webhook: Pick<Webhook, 'tenantId' | 'webhookId'>,
  generation: number,
  { webhookKeyId: keyId, deriveSigningKeys }: SecretDependencies,
): Promise<{ readonly generation: SecretGeneration; readonly secret: string }> {
  const keys = await deriveSigningKeys(webhook, { generation, keyId });
  return {
    generation: { generation, keyId, publicKey: formatPublicKey(keys) },
    secret: formatSecret(keys),
  };
}

/**
 * Creates a new secret, which is returned only here. The previous one signs too until the overlap
 * ends. Throws `forbidden`, `events_disabled`, `not_found`, `precondition_failed`, and
 * `secret_limit_reached` if more than two secrets would sign.
 */
export async function rotateSecret(
  { target, overlapMs }: { readonly target: WebhookTarget; readonly overlapMs: DurationMs },
  context: RequestContext,
  deps: WebhookDependencies & SecretDependencies,
): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
  authorizeWebhooks('writeWebhook', context, deps);
  let newSecret = '';
  const change = async (before: Webhook): Promise<Partial<Webhook>> => {
    const now = deps.now();
    const live = overlapMs === 0 ? [] : selectLiveSecrets(before, now.toISOString());
    if (live.length >= maxLiveSecrets) throw secretLimitReached();
    const generations = before.secrets.map(({ generation }) => generation);
    const { generation, secret } = await createGeneration(
      before,
      Math.max(...generations) + 1,
      deps,
    );
    newSecret = secret;
    const expiresAt = new Date(now.getTime() + overlapMs).toISOString();
    return { secrets: [generation, ...live.map((previous) => ({ ...previous, expiresAt }))] };
  };
  const webhook = await changeWebhook({ action: 'rotateSecret', target, change }, context, deps);
  return { webhook, secret: newSecret };
}

/**
 * Ends the previous secret at once. No effect if none signs. Throws `forbidden`, `events_disabled`,
 * `not_found` or `precondition_failed`.
 */
export function revokePreviousSecret(
  target: WebhookTarget,
  context: RequestContext,
  deps: WebhookDependencies,
): Promise<Webhook> {
  authorizeWebhooks('writeWebhook', context, deps);
  const change = ({ secrets }: Webhook) => ({
    secrets: secrets.filter(({ expiresAt }) => expiresAt === undefined),
  });
  return changeWebhook({ action: 'revokeSecret', target, change }, context, deps);
}

const secretLimitReached = (): Failure =>
  new Failure(
    'secret_limit_reached',
    'The webhook already has two active secrets. Revoke the previous one, or set overlapSeconds to 0.',
  );
