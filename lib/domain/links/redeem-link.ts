import type { ChangeAction } from '../feed/find-event-type.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';
import { collectPersonalWords } from '../credentials/personal-words.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { User } from '../users/user.ts';
import {
  changeByLink,
  type IssuedLink,
  type IssuedLinkType,
  type LinkRequest,
  type VerifiedLink,
  type VerifyLinkDependencies,
  verifyLink,
} from './verify-link.ts';

export interface LinkDependencies extends VerifyLinkDependencies {
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/** Properties in which types of password links differ. */
export interface LinkType<Link extends IssuedLink, Holder extends User>
  extends IssuedLinkType<Link> {
  /** The change record names the issuer `<issuer>:<link ID>`. */
  readonly issuer: string;
  /** Action in the change record. */
  readonly action: ChangeAction<'user'>;
  /** Returns the account holder. Throws unless this version of the link is open. */
  readonly assertUsable: (verifiedLink: VerifiedLink<Link>, now: Date) => Holder;
  readonly getExpiresAt: (user: Holder, link: Link) => string;
  /** Returns the changes that accompany the new password. Throws if the link cannot be used. */
  readonly buildChanges: (
    user: Holder,
    tenant: TenantWithRoles,
    now: Date,
  ) => Partial<User> | Promise<Partial<User>>;
}

export interface RedeemedLink {
  readonly user: User;
  readonly tenant: TenantWithRoles;
}

/** Open link, for the page that shows it. */
export interface LinkDetails extends RedeemedLink {
  readonly expiresAt: Timestamp;
  /** Words that the password must not contain. */
  readonly personalWords: readonly string[];
}

/**
 * Verifies a link without changing anything. Throws `not_found` for an invalid token,
 * `tenant_suspended`, and the errors of the link type.
 */
export async function inspectLink<Link extends IssuedLink, Holder extends User>(
  request: LinkRequest,
  type: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<LinkDetails> {
  const { tenant, ...verifiedLink } = await verifyLink(request, type, deps);
  const { user, link } = verifiedLink;
  const now = deps.now();
  const holder = type.assertUsable(verifiedLink, now);
  // Fails now rather than after the user has chosen a password.
  await type.buildChanges(holder, tenant, now);
  const personalWords = collectPersonalWords(user, tenant).filter((word) => word !== undefined);
  return { user, tenant, expiresAt: type.getExpiresAt(holder, link), personalWords };
}

/** Sets the password by a link, once. Throws like `inspectLink`, and `password_rejected`. */
export async function redeemLink<Link extends IssuedLink, Holder extends User>(
  { password, request }: { readonly password: string; readonly request: LinkRequest },
  type: LinkType<Link, Holder>,
  deps: LinkDependencies,
): Promise<RedeemedLink> {
  const { tenant, user, ...token } = await verifyLink(request, type, deps);
  const change = async (current: User) => {
    const verifiedLink = { ...token, user: current };
    const now = deps.now();
    const fields = await type.buildChanges(type.assertUsable(verifiedLink, now), tenant, now);
    const passwordHash = await hashNewPassword({ password, user: current, tenant }, deps);
    // The link may have expired while hashing.
    type.assertUsable(verifiedLink, deps.now());
    return { fields, passwordHash };
  };
  const issuer = `${type.issuer}:${token.link.id}`;
  const updatedUser = await changeByLink(
    { action: type.action, issuer, user, tenant, request, change },
    deps,
  );
  return { user: updatedUser, tenant };
}
