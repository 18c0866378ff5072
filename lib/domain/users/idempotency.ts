import { Failure, invalid } from '../kernel/failure.ts';
import type { Call } from '../access/request-context.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { KeptAnswer, User } from './user.ts';

const keptFor = 24 * 3600 * 1000;

/** A request that its sender may repeat: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). */
export interface Repeatable {
  readonly key: string;
  readonly route: string;
  readonly body: unknown;
  /** What will be answered, as JSON text. */
  readonly answer: (user: User) => string;
}

/** What a create keeps of its answer. Both MACs are keyed, so that what is stored says nothing of a body or a key. */
export async function keepAnswer(
  { key, route, body, answer }: Repeatable,
  user: User,
  call: Call,
  keyring: Keyring,
  now: Date,
): Promise<KeptAnswer> {
  if (!/^[!-~]{1,255}$/.test(key))
    throw invalid({
      path: 'Idempotency-Key',
      message: 'must have 1 to 255 visible ASCII characters',
    });
  const { issuer, subject } = call.principal;
  // Without the password, or its hash: a guess at it must not be told from the right one by what a repetition answers.
  const [id, fingerprint] = await Promise.all([
    keyring.mac('idempotency', ['key', call.tenant.tenantId, issuer, subject, route, key]),
    keyring.mac('idempotency', [
      'body',
      JSON.stringify({ ...(body as object), password: undefined, passwordHash: undefined }),
    ]),
  ]);
  return {
    id: id.toString('hex'),
    fingerprint: fingerprint.toString('hex'),
    answer: withoutAvatar(answer(user), user),
    expires: now.getTime() + keptFor,
  };
}

/** An item has no room for an avatar besides all else, and who repeats the request brings it along. No JSON has a bare NUL in it. */
const withoutAvatar = (answer: string, { avatar }: User): string =>
  avatar === undefined ? answer : answer.replace(JSON.stringify(avatar), '\0');

/** The kept answer, provided that the request is the same. */
export function replayed(
  kept: Pick<KeptAnswer, 'fingerprint' | 'answer'>,
  fingerprint: string,
  { avatar }: User,
): string {
  if (kept.fingerprint === fingerprint)
    return kept.answer.replace('\0', () => JSON.stringify(avatar));
  throw new Failure('idempotency_mismatch', 'This Idempotency-Key was used for another request', {
    details: { field: 'Idempotency-Key' },
  });
}
