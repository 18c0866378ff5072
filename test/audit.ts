import { createHash } from 'node:crypto';
import { canonicalEmail, canonicalUserName } from '../lib/domain/canonical.ts';
import type { Creation, Identity, User } from '../lib/domain/users/user.ts';
import { keys } from '../lib/store/keys.ts';
import { sampleTenants } from '../infra/local/samples.ts';
import type { Service } from './steps.ts';

/** A line for an item that belongs to a user: where it lies, and whose it is. */
const line = ({ pk, sk }: { pk: string; sk: string }, { tenantId, userId }: Pick<User, 'tenantId' | 'userId'>): string =>
  `${pk} ${sk} ${tenantId} ${userId}`;

/** A user as it lies in the table, with the record of how it came about. */
export type StoredUser = User & { readonly creation: Creation };

/**
 * Holds every item of both tables against the users, and back: each user has exactly its claims (a tombstone none), its
 * avatar, its secret, the answer that is kept for its create and one record for each of its changes, and nothing else is
 * there but tenants and the key of the deployment. Of tables in order, `missing` and `stray` are empty.
 */
export async function auditOf({ stored }: Service) {
  const items = [...(await stored.all()), ...(await stored.all(stored.secrets))].filter(({ pk, sk }) => !isNobodys(pk, sk));
  const users = items.filter(({ sk }) => sk === 'USER') as unknown as StoredUser[];
  const inOrder = users.toSorted((a, b) => a.createdTime.localeCompare(b.createdTime));
  const answers = new Map(inOrder.map(({ creation, userId }) => [creation.answerId, userId]));
  const expected = new Set(
    users.flatMap((user) => {
      const { tenantId, userId, creation } = user;
      // Once a kept answer has expired, the next create under the same key keeps its own there.
      const answered = creation.answerId && answers.get(creation.answerId) === userId ? [keys.answer(tenantId, creation.answerId)] : [];
      return [...keysOf(user), ...answered].map((key) => line(key, user));
    }),
  );
  const found = new Set(items.map((item) => line(item as never, item as never)));
  return { users, missing: [...expected.difference(found)], stray: [...found.difference(expected)] };
}

const isNobodys = (pk: string, sk: string): boolean =>
  pk.startsWith('SLUG#') || pk === keys.deploymentKey.pk || (/^TENANT#[^#]+$/.test(pk) && /^(TENANT|ROLE#.*|APPCLIENT#.*)$/.test(sk));

function keysOf({ tenantId, userId, email, userName, identity, hasAvatar, authProvider, status, deletion, version }: StoredUser) {
  const shared = sampleTenants.find((tenant) => tenant.tenantId === tenantId)?.uniqueness === 'system';
  const address = canonicalEmail(email);
  const name = userName && canonicalUserName(userName);
  const claims = [
    keys.email(tenantId, address),
    ...(shared ? [keys.systemEmail(address)] : []),
    ...(name ? [keys.userName(tenantId, name)] : []),
    ...(name && shared ? [keys.systemUserName(name)] : []),
    ...(identity ? [keys.identity(tenantId, hashOf(identity))] : []),
  ];
  return [
    keys.user(tenantId, userId),
    ...(status === 'deleted' ? [] : claims),
    ...(hasAvatar ? [keys.avatar(tenantId, userId)] : []),
    // Whoever is or was active has chosen a password.
    ...(authProvider === 'local' && (deletion?.status ?? status) !== 'invite_pending' ? [keys.userSecret(tenantId, userId)] : []),
    ...Array.from({ length: version - 1 }, (_, index) => keys.change(tenantId, userId, index + 2)),
  ];
}

const hashOf = ({ issuer, subject }: Identity): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
