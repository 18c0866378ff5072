import { canonicalEmail, canonicalUserName } from '../lib/domain/canonical.ts';
import type { User } from '../lib/domain/users/user.ts';
import { keys } from '../lib/store/keys.ts';
import { sampleTenants } from '../infra/local/samples.ts';
import type { Service } from './steps.ts';

/** A line for an item that belongs to a user: where it lies, and whose it is. */
const line = ({ pk, sk }: { pk: string; sk: string }, { tenantId, userId }: Pick<User, 'tenantId' | 'userId'>): string =>
  `${pk} ${sk} ${tenantId} ${userId}`;

/**
 * Holds every item of both tables against the users, and back: each user has exactly its claims, its avatar and its
 * secret, and nothing else is there but tenants. Of tables in order, `missing` and `stray` are empty.
 */
export async function auditOf({ stored }: Service) {
  const items = [...(await stored.all()), ...(await stored.all(stored.secrets))].filter(({ pk, sk }) => !isTenants(pk, sk));
  const users = items.filter(({ sk }) => sk === 'USER') as unknown as User[];
  const expected = users.flatMap((user) => keysOf(user).map((key) => line(key, user)));
  const found = items.map((item) => line(item as never, item as never));
  return {
    users,
    missing: expected.filter((key) => !found.includes(key)),
    stray: found.filter((key) => !expected.includes(key)),
  };
}

const isTenants = (pk: string, sk: string): boolean =>
  pk.startsWith('SLUG#') || (/^TENANT#[^#]+$/.test(pk) && /^(TENANT|ROLE#.*|APPCLIENT#.*)$/.test(sk));

function keysOf({ tenantId, userId, email, userName, hasAvatar, authProvider, status }: User) {
  const shared = sampleTenants.find((tenant) => tenant.tenantId === tenantId)?.uniqueness === 'system';
  const address = canonicalEmail(email);
  const name = userName && canonicalUserName(userName);
  return [
    keys.user(tenantId, userId),
    keys.email(tenantId, address),
    ...(shared ? [keys.systemEmail(address)] : []),
    ...(name ? [keys.userName(tenantId, name)] : []),
    ...(name && shared ? [keys.systemUserName(name)] : []),
    ...(hasAvatar ? [keys.avatar(tenantId, userId)] : []),
    ...(authProvider === 'local' && status === 'active' ? [keys.userSecret(tenantId, userId)] : []),
  ];
}
