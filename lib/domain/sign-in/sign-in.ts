import {
  type AccessToken,
  type IssuerDependencies,
  issueAccessToken,
  resolveAudience,
} from './access-token.ts';
import { canonicalEmail, canonicalUserName } from '../kernel/canonical.ts';
import { fitsLimit } from '../credential-limits/credential-limit.ts';
import { unauthenticated } from '../kernel/failure.ts';
import { hexOf, idOf } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { isOutdated } from '../credentials/password-hash.ts';
import {
  dummyHash,
  hashPassword,
  type HashingCost,
  type PasswordHashes,
} from '../credentials/hash-password.ts';
import { permissionsOf } from '../roles/role.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { findUsableTenant, type UsableTenants } from '../tenants/usable-tenant.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import type { User, UserStore } from '../users/user.ts';
import {
  confirmsWhole,
  formsOf,
  isVerifiable,
  verifyPassword,
} from '../credentials/verify-password.ts';
import { type Attempts, countAttempt, countersOf } from '../credentials/attempts.ts';

interface Dependencies extends IssuerDependencies {
  readonly users: UserStore;
  readonly tenants: UsableTenants;
  readonly passwordHashes: PasswordHashes;
  readonly attempts: Attempts;
  readonly keyring: Keyring;
  readonly hashingCost: HashingCost;
  /** To be called first; what it answers waits until it is so long ago that somebody can be refused whose password took so many hashes. */
  readonly refusalDelay: () => (hashes: number) => Promise<void>;
}

/** What somebody says to be let in. */
export interface Credentials {
  readonly account: { readonly email: string } | { readonly userName: string };
  readonly password: string;
  /** The tenant that they name; undefined where there is none of that name. */
  readonly tenant: TenantWithRoles | undefined;
  /** The IP address that they come from. */
  readonly address: string;
  /** Resource server that the token is for. */
  readonly audience?: string | undefined;
}

export interface SignedIn extends AccessToken {
  readonly user: User;
  readonly mustChangePassword: boolean;
}

/** An id that no user and no tenant has. */
const nobody = '00000000-0000-4000-8000-000000000000';

/**
 * Lets an active local user in by their password. Throws `unauthenticated` for whatever else, always in the same words and after
 * the same steps: one look-up, one read of a hash, one hash for each form of what was typed; and after the same time, whichever hash
 * that was. Before them, throws `too_many_requests` after too many attempts and `invalid_input` for an unknown `audience`.
 */
export async function signIn(
  { account, password, tenant, address, audience: named }: Credentials,
  deps: Dependencies,
): Promise<SignedIn> {
  const audience = resolveAudience(named, deps.ownIssuer, 'audience');
  const refusable = deps.refusalDelay();
  const tenantId = tenant?.tenantId ?? nobody;
  const counters = await countersOf(tenantId, nameOf(account), address, deps.keyring);
  // A pair that has to wait does not use up what its address has.
  await countAttempt([counters.pair, counters.address], deps.attempts, deps.now());

  const found = await deps.users.get(tenantId, account, false);
  // Who is found by name is read besides.
  if (!found) await deps.users.get(tenantId, { userId: nobody }, false);
  const hash = await deps.passwordHashes.get(tenantId, found?.userId ?? nobody);
  const isEligible = tenant?.status === 'active' && signsInHere(found);
  const usable = isEligible && hash !== undefined && isVerifiable(hash) ? hash : undefined;
  const isRight = await verifyPassword(password, usable ?? dummyHash(deps.hashingCost));
  if (!isRight || !isEligible || usable === undefined) {
    await refusable(formsOf(password).length);
    throw unauthenticated('invalid_credentials', 'Invalid credentials');
  }

  await deps.attempts.forget(counters.pair, deps.now());
  await deps.attempts.takeBack(counters.address, deps.now());
  await upgrade(found, password, usable, deps);
  const mustChangePassword = needsOwnPassword(found, tenant);
  const { roles: tenantRoles } =
    (await findUsableTenant(tenantId, found.roles, deps.tenants)) ?? tenant;
  const token = await issueAccessToken(
    {
      subject: idOf('cradl', 'user', hexOf(found.userId)),
      clientId: idOf('cradl', 'app-client', found.appClientId ?? 'default'),
      audience,
      tenantId,
      roles: (mustChangePassword ? [] : found.roles).filter(
        (slug) =>
          tenantRoles.has(slug) &&
          fitsLimit(permissionsOf([slug], tenantRoles), found.credentialLimits?.password),
      ),
      // As it was before the password was verified: one that was changed meanwhile ends this token too.
      generation: found.tokenGeneration ?? 0,
      authTime: Math.floor(deps.now().getTime() / 1000),
    },
    deps,
  );
  return { user: found, mustChangePassword, ...token };
}

const nameOf = (account: Credentials['account']): string =>
  'email' in account
    ? `email ${canonicalEmail(account.email)}`
    : `userName ${canonicalUserName(account.userName)}`;

/**
 * Replaces an outdated hash at the one moment at which the password is known, if the hash confirms all of the password. No change of the
 * user: a concurrent change of the password wins.
 */
async function upgrade(
  { tenantId, userId }: User,
  password: string,
  hash: string,
  { passwordHashes, hashingCost }: Dependencies,
): Promise<void> {
  if (!isOutdated(hash, hashingCost) || !confirmsWhole(password, hash)) return;
  await passwordHashes.replace(
    { tenantId, userId },
    hash,
    await hashPassword(password, hashingCost),
  );
}
