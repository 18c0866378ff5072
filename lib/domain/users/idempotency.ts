import { Failure, invalidInput } from '../kernel/failure.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { IdempotencyRecord, User } from './user.ts';

const idempotencyWindowMs = 24 * 3600 * 1000;

/** A request that its sender may repeat: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). */
export interface IdempotentRequest {
  readonly key: string;
  readonly route: string;
  readonly body: unknown;
  /** What will be answered, as JSON text. */
  readonly renderResponse: (user: User) => string;
}

/** What a create keeps of its answer. Both MACs are keyed, so that what is stored says nothing of a body or a key. */
export async function buildIdempotencyRecord(
  { key, route, body, renderResponse: answer }: IdempotentRequest,
  user: User,
  context: RequestContext,
  keyring: Keyring,
  now: Date,
): Promise<IdempotencyRecord> {
  if (!/^[!-~]{1,255}$/.test(key))
    throw invalidInput({
      path: 'Idempotency-Key',
      message: 'must have 1 to 255 visible ASCII characters',
    });
  const { issuer, subject } = context.principal;
  // Without the password, or its hash: a guess at it must not be told from the right one by what a repetition answers.
  const [id, fingerprint] = await Promise.all([
    keyring.mac('idempotency', ['key', context.tenant.tenantId, issuer, subject, route, key]),
    keyring.mac('idempotency', [
      'body',
      JSON.stringify({ ...(body as object), password: undefined, passwordHash: undefined }),
    ]),
  ]);
  return {
    id: id.toString('hex'),
    fingerprint: fingerprint.toString('hex'),
    response: stripAvatar(answer(user), user),
    expiresAtMs: now.getTime() + idempotencyWindowMs,
  };
}

/** An item has no room for an avatar besides all else, and who repeats the request brings it along. No JSON has a bare NUL in it. */
const stripAvatar = (answer: string, { avatar }: User): string =>
  avatar === undefined ? answer : answer.replace(JSON.stringify(avatar), '\0');

/** The kept answer, provided that the request is the same. */
export function replayResponse(
  record: Pick<IdempotencyRecord, 'fingerprint' | 'response'>,
  fingerprint: string,
  { avatar }: User,
): string {
  if (record.fingerprint === fingerprint)
    return record.response.replace('\0', () => JSON.stringify(avatar));
  throw new Failure('idempotency_mismatch', 'This Idempotency-Key was used for another request', {
    details: { field: 'Idempotency-Key' },
  });
}
