import { randomUUID } from 'node:crypto';
import type { Call } from '../call.ts';
import { canonicalEmail } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { assertAcceptable, hashPassword, type HashingCost } from '../passwords.ts';
import type { Policy } from '../policy.ts';
import { permissionsOf } from '../roles.ts';
import type { TenantStore } from '../tenants.ts';
import type { Draft, User, UserStore } from './user.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  readonly users: UserStore;
  readonly now: () => Date;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/**
 * Creates a user in the tenant of the call. Throws `forbidden`, `invalid_roles`, `invalid_app_client`,
 * `password_rejected`, `user_exists` or `unavailable`; after any of the first five nothing has been written.
 */
export async function createUser({ password, ...draft }: Draft, call: Call, deps: Dependencies): Promise<User> {
  const { tenant, principal } = call;
  // Before anything else, so that a caller without the right learns nothing about what exists.
  deps.policy.authorize(call, 'createUser', { grantedPermissions: permissionsOf(draft.roles, tenant.roles) });

  const unknown = draft.roles.flatMap((slug, index) =>
    tenant.roles.has(slug) ? [] : [{ path: `roles.${index}`, message: 'no such role' }],
  );
  if (unknown.length > 0)
    throw new Failure('invalid_roles', 'Not every role exists in this tenant', { details: { field: 'roles', issues: unknown } });
  if (draft.appClientId !== undefined && !(await deps.tenants.hasAppClient(tenant.tenantId, draft.appClientId))) {
    throw new Failure('invalid_app_client', 'There is no such app client in this tenant', { details: { field: 'appClientId' } });
  }
  if (password !== undefined) await assertAcceptable(password, deps.minimumPasswordLength, wordsAround(draft, call));

  const user: User = {
    ...draft,
    roles: [...new Set(draft.roles)],
    tenantId: tenant.tenantId,
    userId: randomUUID(),
    profileId: randomUUID(),
    // Somebody has to choose the password of a local account: who comes without one is invited to.
    status: draft.authProvider === 'local' && password === undefined ? 'invite_pending' : 'active',
    emailVerified: false,
    hasAvatar: draft.avatar !== undefined,
    version: 1,
    createdTime: deps.now().toISOString(),
    createdBy: principal.subject,
  };
  await deps.users.create(user, {
    creation: { requestId: call.requestId, issuer: principal.issuer, policies: call.decisions.flatMap(({ policies }) => policies) },
    uniqueness: tenant.uniqueness,
    passwordHash: password === undefined ? undefined : await hashPassword(password, deps.hashingCost),
    deadline: call.deadline,
  });
  return user;
}

const wordsAround = ({ email, userName }: Omit<Draft, 'password'>, { tenant }: Call): (string | undefined)[] => {
  const canonical = canonicalEmail(email);
  return [email, canonical, canonical.slice(0, canonical.lastIndexOf('@')), userName, tenant.name, tenant.slug];
};
