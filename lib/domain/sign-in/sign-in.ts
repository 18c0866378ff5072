import {
  type AccessToken,
  type IssuerDependencies,
  issueAccessToken,
  resolveAudience,
} from './access-token.ts';
import { canonicalizeEmail, canonicalizeUserName } from '../kernel/canonical.ts';
import { unauthenticated } from '../kernel/failure.ts';
import { toHex, formatId, type IdPrefix } from '../kernel/ids.ts';
import { collectAssignedRoles } from '../groups/group-roles.ts';
import type { Keyring } from '../kernel/keyring.ts';
import { needsRehash } from '../credentials/password-hash.ts';
import { createRandomHash, hashPassword, type HashingCost } from '../credentials/hash-password.ts';
import type { PasswordHashStore } from '../credentials/password-hash-store.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { buildTokenRights } from './token-rights.ts';
import {
  countFailedSignIn,
  recordSignIn,
  type SignInClient,
  type SignInLog,
} from './record-sign-in.ts';
import { findUsableTenant, type UsableTenants } from '../tenants/usable-tenant.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import type { SignInTimeStore, UserStore } from '../users/user-store.ts';
import { isActiveLocalUser, type User } from '../users/user.ts';
import {
  coversWholePassword,
  getPasswordForms,
  isVerifiable,
  verifyPassword,
} from '../credentials/verify-password.ts';
import { type AttemptStore, countAttempt, buildSignInCounters } from '../credentials/attempts.ts';

export interface SignInDependencies extends IssuerDependencies {
  readonly users: Pick<UserStore, 'getWithGroups'>;
  readonly tenants: UsableTenants;
  readonly signInTimes: SignInTimeStore;
  /** Undefined if the deployment has no event feed. */
  readonly signInLog: SignInLog | undefined;
  readonly passwordHashes: PasswordHashStore;
  readonly attempts: AttemptStore;
  readonly keyring: Keyring;
  readonly hashingCost: HashingCost;
  readonly idPrefix: IdPrefix;
  /** Starts a timer. The returned function resolves after a fixed time per hash. */
  readonly startResponseTimer: () => (hashes: number) => Promise<void>;
}

export interface Credentials {
  readonly account: { readonly email: string } | { readonly userName: string };
  readonly password: string;
  /** Undefined for an unknown tenant. */
  readonly tenant: TenantWithRoles | undefined;
  readonly client: SignInClient;
  /** Resource server that the token is for. */
  readonly audience?: string | undefined;
}

export interface SignInResult extends AccessToken {
  readonly user: User;
  readonly mustChangePassword: boolean;
}

/** ID that no user and no tenant has. */
const unknownId = '00000000-0000-4000-8000-000000000000';

/**
 * Signs in an active local user by password. Throws `unauthenticated` with the same message, after
 * the same steps and time for every cause, so a caller cannot find out which accounts exist. Throws
 * `too_many_requests`, and `invalid_input` for an unknown `audience`.
 */
export async function signIn(
  { account, password, tenant, client, audience: requestedAudience }: Credentials,
  deps: SignInDependencies,
): Promise<SignInResult> {
  const audience = resolveAudience(requestedAudience, deps.ownIssuer, 'audience');
  const padResponseTime = deps.startResponseTimer();
  const tenantId = tenant?.tenantId ?? unknownId;
  const counters = await buildSignInCounters(
    { tenantId, account: toAttemptKey(account), ipAddress: client.ipAddress },
    deps.keyring,
  );
  // In this order, so an account with a delay does not use up attempts of its network.
  await countAttempt([counters.account, counters.network], deps.attempts, deps.now());

  const user = await deps.users.getWithGroups(tenantId, account, false);
  // A known account takes a second read.
  if (!user) await deps.users.getWithGroups(tenantId, { userId: unknownId }, false);
  const hash = await deps.passwordHashes.get(tenantId, user?.userId ?? unknownId);
  const isEligible = tenant?.status === 'active' && isActiveLocalUser(user);
  const verifiableHash = isEligible && hash !== undefined && isVerifiable(hash) ? hash : undefined;
  const isCorrect = await verifyPassword(
    password,
    verifiableHash ?? createRandomHash(deps.hashingCost),
  );
  if (!isCorrect || !isEligible || verifiableHash === undefined) {
    await Promise.all([
      padResponseTime(getPasswordForms(password).length),
      countFailedSignIn(user, { tenant, client }, deps),
    ]);
    throw unauthenticated('invalid_credentials', 'Invalid credentials');
  }

  await deps.attempts.reset(counters.account, deps.now());
  await deps.attempts.refund(counters.network, deps.now());
  await upgradeHash({ user, password, hash: verifiableHash }, deps);
  const mustChangePassword = needsOwnPassword(user, tenant);
  const currentTenant = (await findUsableTenant(tenantId, user, deps.tenants)) ?? tenant;
  const signedInAt = deps.now();
  const issuing = issueAccessToken(
    {
      subject: formatId(deps.idPrefix, 'user', toHex(user.userId)),
      clientId: formatId(deps.idPrefix, 'app-client', user.appClientId ?? 'default'),
      audience,
      tenantId,
      ...buildTokenRights(
        mustChangePassword ? [] : collectAssignedRoles(user, currentTenant),
        currentTenant,
        user.credentialLimits?.password,
      ),
      // Read before the password was verified, so a concurrent password change ends this token.
      generation: user.tokenGeneration ?? 0,
      authTime: Math.floor(signedInAt.getTime() / 1000),
    },
    deps,
  );
  const [token] = await Promise.all([
    issuing,
    deps.signInTimes.record(user, signedInAt),
    recordSignIn(user, { tenant: currentTenant, client }, deps),
  ]);
  return { user, mustChangePassword, ...token };
}

const toAttemptKey = (account: Credentials['account']): string =>
  'email' in account
    ? `email ${canonicalizeEmail(account.email)}`
    : `userName ${canonicalizeUserName(account.userName)}`;

/**
 * Replaces an outdated hash while the password is known, if the hash covers the whole password. A
 * concurrent password change wins.
 */
async function upgradeHash(
  {
    user: { tenantId, userId },
    password,
    hash,
  }: { readonly user: User; readonly password: string; readonly hash: string },
  { passwordHashes, hashingCost }: SignInDependencies,
): Promise<void> {
  if (!needsRehash(hash, hashingCost) || !coversWholePassword(password, hash)) return;
  await passwordHashes.replace(
    { tenantId, userId },
    hash,
    await hashPassword(password, hashingCost),
  );
}
