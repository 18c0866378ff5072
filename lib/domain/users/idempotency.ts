import type { RequestContext } from '../access/request-context.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { DurationMs } from '../kernel/time.ts';
import type { IdempotencyRecord, StoredResponse } from './user-store.ts';
import type { User } from './user.ts';

const idempotencyWindowMs: DurationMs = 24 * 3600 * 1000;

/** Request with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). */
export interface IdempotentRequest {
  /** Name of the key in the request, for messages. */
  readonly keyName: 'Idempotency-Key' | 'rowKey';
  readonly key: string;
  readonly route: string;
  readonly body: unknown;
  /** Renders the response as JSON text. */
  readonly renderResponse: (user: User) => string;
}

/**
 * Builds the record of a creation. Both MACs are keyed, so stored values reveal neither the body
 * nor the key.
 */
export async function buildIdempotencyRecord(
  { request, user }: { readonly request: IdempotentRequest; readonly user: User },
  { tenant, principal }: RequestContext,
  { keyring, now }: { readonly keyring: Keyring; readonly now: () => Date },
): Promise<IdempotencyRecord> {
  const { keyName, key, route, body, renderResponse } = request;
  if (!/^[!-~]{1,255}$/.test(key))
    throw invalidInput({
      path: keyName,
      message: 'must have 1 to 255 visible ASCII characters',
    });
  const { issuer, subject } = principal;
  // Without the password: the response to a retry must not confirm a guess.
  const hashedBody = { ...(body as object), password: undefined, passwordHash: undefined };
  const [id, fingerprint] = await Promise.all([
    keyring.mac('idempotency', ['key', tenant.tenantId, issuer, subject, route, key]),
    keyring.mac('idempotency', ['body', JSON.stringify(hashedBody)]),
  ]);
  return {
    id: id.toString('hex'),
    fingerprint: fingerprint.toString('hex'),
    response: stripAvatar(renderResponse(user), user),
    expiresAtMs: now().getTime() + idempotencyWindowMs,
  };
}

/**
 * Replaces the avatar, which does not fit into the item, with NUL. JSON text never contains NUL.
 */
const stripAvatar = (response: string, { avatar }: User): string =>
  avatar === undefined ? response : response.replace(JSON.stringify(avatar), '\0');

interface ReplayRequest extends Pick<IdempotencyRecord, 'fingerprint'> {
  readonly keyName: IdempotentRequest['keyName'];
}

/** Restores the stored response. Throws `idempotency_mismatch` if the request body differs. */
export function replayResponse(
  record: StoredResponse,
  { fingerprint, keyName }: ReplayRequest,
  { avatar }: Pick<User, 'avatar'>,
): string {
  if (record.fingerprint === fingerprint)
    return record.response.replace('\0', () => JSON.stringify(avatar));
  throw new Failure('idempotency_mismatch', `This ${keyName} was used for a different request`, {
    details: { field: keyName },
  });
}
