import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { appClientCodecs, rotateSecretInputs } from '../../lib/api/app-clients/codecs.ts';
import { auditLogCodecs } from '../../lib/api/audit-log/codecs.ts';
import { bulkUserCodecs } from '../../lib/api/bulk-users/codecs.ts';
import type { AuthenticatedRequest, PublicRequest } from '../../lib/api/http/request.ts';
import { emailVerificationCodecs } from '../../lib/api/email-verification/codecs.ts';
import { domainCodecs } from '../../lib/api/domains/codecs.ts';
import {
  completeMemberListCodecs,
  groupCodecs,
  groupMemberCodecs,
} from '../../lib/api/groups/codecs.ts';
import { groupTokenCodecs } from '../../lib/api/group-tokens/codecs.ts';
import { invitationCodecs } from '../../lib/api/invitations/codecs.ts';
import {
  acceptanceCodecs,
  linkInspectionCodecs,
  passwordResetCodecs,
} from '../../lib/api/links/codecs.ts';
import { roleCodecs } from '../../lib/api/roles/codecs.ts';
import { type DialectsServing, type Operation, routes } from '../../lib/api/routes.ts';
import { selfCodecs } from '../../lib/api/self/codecs.ts';
import {
  confirmCredentialInputs,
  requestConfirmationInputs,
} from '../../lib/api/self/credential-confirmation.ts';
import { sessionCodecs } from '../../lib/api/self/session.ts';
import { signOutCodecs } from '../../lib/api/self/sign-out.ts';
import { signInCodecs } from '../../lib/api/sign-in/codecs.ts';
import { tenantCodecs, transferOwnershipInputs } from '../../lib/api/tenants/codecs.ts';
import {
  approveCredentialsInputs,
  erasureCodecs,
  setActiveInputs,
  userCodecs,
} from '../../lib/api/users/codecs.ts';
import { exportCodecs } from '../../lib/api/user-exports/codecs.ts';
import type { UserCodec, UserOperation } from '../../lib/api/users/user-codec.ts';

/** Operations that look up a codec in each registry. */
const registries: readonly (readonly [object, readonly Operation[]])[] = [
  [userCodecs, ['createUser', 'listUsers', 'getUser', 'updateUser', 'deleteUser', 'eraseUser']],
  [userCodecs, ['suspendUser', 'reactivateUser', 'restoreUser', 'createUser', 'setUserActive']],
  [bulkUserCodecs, ['importUsers']],
  [approveCredentialsInputs, ['approveCredentials']],
  [setActiveInputs, ['setUserActive']],
  [exportCodecs, ['exportUser']],
  [auditLogCodecs, ['listAuditLog', 'getAuditLogEntry']],
  [erasureCodecs, ['listErasures']],
  [selfCodecs, ['getOwnUser', 'updateOwnUser', 'changeOwnPassword']],
  [selfCodecs, ['getProfile', 'updateProfile']],
  [sessionCodecs, ['getSession']],
  [signOutCodecs, ['signOutOwnUser']],
  [requestConfirmationInputs, ['requestCredentialConfirmation']],
  [confirmCredentialInputs, ['confirmCredential']],
  [emailVerificationCodecs, ['requestEmailChange', 'requestUserEmailVerification']],
  [emailVerificationCodecs, ['inspectEmailVerification', 'completeEmailVerification']],
  [invitationCodecs, ['listInvitations', 'getInvitation', 'resendInvitation', 'revokeInvitation']],
  [invitationCodecs, ['copyInvitationLink']],
  [roleCodecs, ['createRole', 'listRoles', 'getRole', 'updateRole', 'deleteRole']],
  [groupCodecs, ['createGroup', 'listGroups', 'getGroup', 'updateGroup', 'deleteGroup']],
  [groupCodecs, ['restoreGroup']],
  [groupMemberCodecs, ['listGroupMembers', 'addGroupMembers', 'updateGroupMember']],
  [groupMemberCodecs, ['removeGroupMember', 'removeGroupMembers']],
  [groupTokenCodecs, ['createGroupToken', 'listGroupTokens', 'deleteGroupToken']],
  [completeMemberListCodecs, ['listAllGroupMembers']],
  [tenantCodecs, ['createTenant', 'listTenants', 'getTenant', 'updateTenant', 'suspendTenant']],
  [domainCodecs, ['createDomain', 'listDomains', 'getDomain', 'verifyDomain', 'deleteDomain']],
  [transferOwnershipInputs, ['transferOwnership']],
  [appClientCodecs, ['createAppClient', 'listAppClients', 'getAppClient', 'updateAppClient']],
  [rotateSecretInputs, ['createAppClientSecret']],
  [acceptanceCodecs, ['acceptInvitation']],
  [linkInspectionCodecs, ['inspectInvitation', 'inspectPasswordReset']],
  [passwordResetCodecs, ['requestPasswordReset', 'completePasswordReset']],
  [signInCodecs, ['signIn']],
];

describe('codec registries', () => {
  it('have a codec for every dialect that routes.ts lists', () => {
    const missing = registries.flatMap(([registry, operations]) =>
      routes
        .filter(({ operation }) => operations.includes(operation))
        .filter(({ dialect }) => !Object.hasOwn(registry, dialect))
        .map(({ route }) => route),
    );
    expect(missing).toEqual([]);
  });

  it('do not compile without a dialect that routes.ts lists', () => {
    const { credible: _removed, ...incomplete } = userCodecs;
    // @ts-expect-error routes.ts lists user operations of Credible.
    incomplete satisfies Record<DialectsServing<UserOperation>, UserCodec>;
    expectTypeOf(userCodecs).toExtend<Record<DialectsServing<UserOperation>, UserCodec>>();
  });

  it('type a request by the dialects of its operation', () => {
    expectTypeOf<
      AuthenticatedRequest<'createAppClientSecret'>['dialect']
    >().toEqualTypeOf<'native'>();
    expectTypeOf<PublicRequest<'signIn'>['dialect']>().toEqualTypeOf<'native' | 'jitsudo'>();
    expectTypeOf<DialectsServing<'transferOwnership'>>().toEqualTypeOf<'native'>();
  });

  it('build schemas on first use, because a cold start would wait for all of them', () => {
    const modules = globSync('lib/api/**/*.ts').filter((path) => !path.endsWith('docs.ts'));
    // The hook of zod for compilers sees each new schema.
    const script = `
      const built = new Set();
      let current = '';
      globalThis.__zod_globalConfig = { postProcessor: () => built.add(current) };
      for (current of ${JSON.stringify(modules.toSorted())}) await import(\`./\${current}\`);
      const { nativeUser } = await import('./lib/api/users/native.ts');
      current = 'first use';
      nativeUser.createInput();
      console.log(JSON.stringify([...built]));
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    // The environment contains issuers, so every cold start needs their schema.
    expect(JSON.parse(output)).toEqual(['lib/api/auth/issuers.ts', 'first use']);
  });

  it('do not fall back to another dialect', () => {
    // @ts-expect-error routes.ts lists no role operation of JITSudo.
    expect(roleCodecs.jitsudo).toBeUndefined();
    // @ts-expect-error JITSudo cannot update app clients.
    expect(appClientCodecs.jitsudo.updateInput).toBeUndefined();
  });
});
