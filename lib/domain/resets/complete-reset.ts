import type { Call } from '../call.ts';
import { canonicalEmail } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hexOf, idOf, type IdPrefix } from '../ids.ts';
import type { Presented } from '../invitations/accept-invitation.ts';
import { linkMessage, type LinkVerifier, parseLinkToken } from '../links.ts';
import type { HashingCost } from '../passwords.ts';
import type { TenantStore, TenantWithRoles } from '../tenants.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import { wordsAround } from '../users/create-user.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import { newHash } from '../users/update-user.ts';
import type { User } from '../users/user.ts';
import { addressHashOf, type PasswordResets, type ResetLink } from './password-reset.ts';

interface Dependencies extends ChangeDependencies {
  readonly tenants: TenantStore;
  readonly resets: PasswordResets;
  readonly links: LinkVerifier;
  /** The key that new links are made with. */
  readonly linkKeyId: string;
  readonly idPrefix: IdPrefix;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/** A link for a new password that can be used, as the person is shown it. */
export interface OpenReset {
  readonly user: User;
  readonly tenant: TenantWithRoles;
  /** ISO 8601. */
  readonly expires: string;
  /** What the password must not be built around. */
  readonly words: readonly string[];
}

/**
 * Looks at the link for a new password by its token, and changes nothing. Throws `not_found` for whatever is no genuine token of
 * the last link that was mailed, `invitation_expired` after its hour, `invitation_used` once the account has changed in any way
 * since, `forbidden` while the tenant is suspended.
 */
export async function inspectReset(presented: Presented, deps: Dependencies): Promise<OpenReset> {
  const { user, tenant, link } = await genuine(presented, deps);
  assertOpen(user, link, deps.now());
  const words = wordsAround(user, { tenant } as Call).filter((word) => word !== undefined);
  return { user, tenant, expires: link.expires, words };
}

/**
 * Sets the password by such a link: once, since that changes the account. It came by mail, and so proves the e-mail. Throws what
 * looking at it throws, and `password_rejected`.
 */
export async function completeReset(password: string, presented: Presented, deps: Dependencies): Promise<OpenReset> {
  const { user, tenant, link } = await genuine(presented, deps);
  const call: Call = {
    principal: {
      // Whoever has the link is the person whose mailbox it is.
      issuer: `password-reset:${link.id}`,
      subject: idOf(deps.idPrefix, 'user', hexOf(user.userId)),
      subjectIsUser: true,
      tenantId: tenant.tenantId,
      systemAdministrator: false,
      roles: [],
      permissions: [],
    },
    tenant,
    dialect: presented.dialect,
    requestId: presented.requestId,
    deadline: presented.deadline,
    decisions: [],
  };
  const change = async (now: User) => {
    assertOpen(now, link, deps.now());
    const passwordHash = await newHash(password, now, call, deps);
    // Hashing takes its time.
    assertOpen(now, link, deps.now());
    return { fields: { emailVerified: true }, passwordHash };
  };
  const changed = await changeUser({ action: 'resetPassword', reference: { userId: user.userId }, self: true, change }, call, deps);
  return { user: changed, tenant, expires: link.expires, words: [] };
}

interface Genuine {
  readonly user: User;
  readonly tenant: TenantWithRoles;
  readonly link: ResetLink;
}

/** In place of a user that there is not: what is not genuine takes the same steps as what is. */
const nobody = 'nobody@example.com';

async function genuine({ token, named }: Presented, deps: Dependencies): Promise<Genuine> {
  const unknown = () => new Failure('not_found', 'This link is not one of ours');
  const presented = parseLinkToken(token);
  if (!presented) throw unknown();
  const { tenantId, userId, version, mac } = presented;
  const [tenant, found] = await Promise.all([deps.tenants.find(tenantId), deps.users.get(tenantId, { userId }, false)]);
  const user = found?.status === 'deleted' ? undefined : found;
  const email = canonicalEmail(user?.email ?? nobody);
  const link = (await deps.resets.get(tenantId, addressHashOf(email)))?.link;
  const message = linkMessage('password_reset', { tenantId, userId, id: link?.id ?? '', email, version });
  const isGenuine = await deps.links.verify(link?.keyId ?? deps.linkKeyId, message, mac);
  const isNamed = (named.slug ?? tenant?.slug) === tenant?.slug && (named.tenantId ?? tenantId) === tenantId;
  if (!isGenuine || !isNamed || !tenant || !user || link?.version !== version) throw unknown();
  if (tenant.status !== 'active') throw new Failure('forbidden', 'This tenant is suspended');
  return { user, tenant, link };
}

/** Of a user that has not changed since the link was made, within the hour. */
function assertOpen(user: User, { version, expires }: ResetLink, now: Date): void {
  if (user.version !== version || !signsInHere(user)) {
    throw new Failure('invitation_used', 'This link has been used, or the account has changed since it was sent');
  }
  if (now.getTime() >= Date.parse(expires)) {
    throw new Failure('invitation_expired', 'This link has expired', { details: { expired: expires } });
  }
}
