import * as z from 'zod';
import type { SelfOperation } from './self-codec.ts';
import {
  exampleCreatedTime,
  exampleEmail,
  exampleLinkToken,
  exampleNewPassword,
  examplePassword,
  exampleProfileId,
  exampleTenantId,
  exampleUpdatedTime,
  exampleUserId,
} from '../doc-parts.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { ErrorDocs, OperationContent, ResourceDoc } from '../operation-doc.ts';
import { examples } from '../users/examples.ts';
import { confirmCredentialInput, requestConfirmationInput } from './credential-confirmation.ts';
import { cradlProfile } from './cradl.ts';
import { jitsudoSelf } from './jitsudo.ts';
import { nativeSelf } from './native.ts';
import { sessionCodecs } from './session.ts';
import { signOutCodecs } from './sign-out.ts';

const publicProfile = {
  profileId: exampleProfileId,
  givenName: 'Jane',
  familyName: 'Smith',
  picture: 'https://images.example.com/jane.png',
};
const profileUpdate = { picture: publicProfile.picture, metadata: { theme: 'dark' } };

const passwordChanges = {
  native: {
    codec: nativeSelf,
    example: { currentPassword: examplePassword, newPassword: exampleNewPassword },
  },
  jitsudo: {
    codec: jitsudoSelf,
    example: { current_password: examplePassword, new_password: exampleNewPassword },
  },
};

const dialects = {
  native: {
    codec: nativeSelf,
    hasEtag: true,
    user: { ...examples.native.user, ...examples.native.change, updatedBy: exampleUserId },
    update: { name: 'Jane Doe' },
  },
  cradl: {
    codec: cradlProfile,
    hasEtag: false,
    user: {
      ...publicProfile,
      email: exampleEmail,
      name: 'Jane Smith',
      locale: 'de-CH',
      metadata: null,
      numberOfOrganizationsAllowed: 1,
      numberOfOrganizationsCreated: 1,
      createdTime: exampleCreatedTime,
      updatedTime: exampleUpdatedTime,
    },
    update: profileUpdate,
  },
  jitsudo: {
    codec: jitsudoSelf,
    hasEtag: false,
    user: {
      id: examples.jitsudo.user.id,
      email: exampleEmail,
      name: 'Jane Smith',
      auth_provider: 'local',
      first_name: 'Jane',
      last_name: 'Smith',
      display_name: null,
      avatar_base64: null,
    },
    update: { display_name: 'Jane Smith' },
  },
};

const ownUpdateErrors: ErrorDocs = {
  account_suspended: {},
  managed_by_connection: {},
  too_many_requests: { limits: { own_changes: 'updates of your own account in a day' } },
};
const profileNotFound = {
  text: 'the tenant does not exist, or has no such profile',
  example: new Failure('not_found', 'The profile does not exist in this tenant'),
};

const limitedSignInErrors = {
  account_suspended: {},
  forbidden: {
    text: 'this sign-in does not prove that the caller is the account holder. `details.credential` names the credential to confirm',
    example: new Failure(
      'forbidden',
      'Another user set the credentials that would prove you are the account holder',
      {
        details: { credential: 'email' },
        notices: [
          'To confirm an email, sign in with a password or identity that you set yourself.',
        ],
      },
    ),
  },
};

const exampleGroupId = 'cradl:group:abcdefab12344abc8abcdefab1234567';
const session = {
  principal: {
    type: 'user',
    issuer: 'https://roster.example.com',
    subject: exampleUserId,
    userId: exampleUserId,
    appClientId: null,
    email: exampleEmail,
    name: 'Jane Smith',
  },
  tenant: { tenantId: exampleTenantId, slug: 'acme', name: 'Acme' },
  systemAdministrator: false,
  mustChangePassword: false,
  roleIds: ['cradl:role:approver', 'cradl:role:recruiter'],
  groupIds: [exampleGroupId],
  permissions: [
    {
      permission: 'users:read',
      sources: [{ roleId: 'cradl:role:approver', groupId: null }],
    },
  ],
  inactivePermissions: [
    {
      permission: 'users:create',
      sources: [{ roleId: 'cradl:role:recruiter', groupId: exampleGroupId }],
      reason: 'credential_limit',
    },
  ],
  authenticatedTime: exampleCreatedTime,
  expiresTime: '2026-01-31T13:00:00.000Z',
};

/** OpenAPI texts of the account of the caller. */
export const selfDoc: ResourceDoc<
  SelfOperation | 'requestCredentialConfirmation' | 'confirmCredential'
> = {
  name: 'Your account',
  description:
    'The session of the caller, and the user that the access token belongs to. No permission is required.',
  dialectNames: { cradl: 'Profiles' },
  operations: {
    getSession: {
      summary: 'Get your session',
      description:
        'Returns the caller, the tenant, and the permissions of the caller with the roles and groups that give them. Works with every token and API key of the tenant, also while the user must change the password. Roles, groups and permissions are up to 30 s old, like those of every read.',
      content: (dialect) => ({
        response: { schema: sessionCodecs[dialect].response(), example: session },
        responseDescription: 'The session of the caller.',
      }),
    },
    getOwnUser: {
      summary: 'Get your account',
      description:
        'Returns the user of the access token in this tenant. For issuers whose subjects are users of this directory, the `sub` of the token is the ID of the user. For other issuers, it is the user whose `identity` has the `iss` and `sub` of the token. A caller without an account is 404.',
      errors: { account_suspended: {} },
      content: (dialect) => {
        const { codec, hasEtag, user } = dialects[dialect];
        return {
          response: { schema: codec.response(), example: user },
          responseDescription: 'The user of the caller.',
          hasEtag,
        };
      },
    },
    updateOwnUser: {
      summary: 'Update your account',
      description:
        'Changes your names, language, time zone, avatar, picture and profile metadata. The identity provider manages the first and last name of OIDC and SAML users: 400.',
      dialectNotes: {
        native:
          'Your email and password have their own operations: `POST /v1/users/me/email` and `POST /v1/users/me/password`.',
        cradl: 'Replaces `metadata`, which is the metadata of the profile, not of the user.',
        jitsudo: 'Changes your names and your avatar.',
      },
      errors: ownUpdateErrors,
      content: (dialect) => {
        const { codec, hasEtag, user, update } = dialects[dialect];
        return {
          request: { schema: codec.updateInput(), example: update },
          response: { schema: codec.response(), example: { ...user, ...update } },
          responseDescription: 'The updated user.',
          acceptsIfMatch: true,
          hasEtag,
        };
      },
    },
    deleteOwnUser: {
      summary: 'Delete your account',
      description:
        'Deletes your account as an administrator would: an administrator can restore it for 30 days, or as configured. Requires a sign-in within the last 5 minutes. Your access tokens end: at once for changes, and within 30 seconds for reads. The owner of the tenant is 409: transfer the ownership first.',
      errors: {
        account_suspended: {},
        forbidden: {
          text: 'another user set the password or identity that you signed in with, and could not delete the account',
          example: new Failure('forbidden', 'Another user set the password of this account', {
            notices: ['To delete your account, reset your password by email and sign in again.'],
          }),
        },
        insufficient_user_authentication: {},
        managed_by_connection: {},
        owner_protected: {},
      },
      content: () => ({ responseDescription: 'No content.', acceptsIfMatch: true }),
    },
    signOutOwnUser: {
      summary: 'Sign out everywhere',
      description:
        'Ends all access tokens that Roster issued to you, including the one used here: at once for changes, and within 30 seconds for reads. A backend that verifies tokens itself accepts them until they expire. Roster cannot end tokens of other issuers.',
      errors: {
        account_suspended: {},
        too_many_requests: { limits: { own_sign_outs: 'sign-outs in a day' } },
      },
      content: (dialect) => ({
        response: {
          schema: signOutCodecs[dialect].response(),
          example: { endsCurrentToken: true },
        },
        responseDescription: 'The result.',
      }),
    },
    getProfile: {
      summary: 'Get a profile',
      description:
        'Returns all fields of your own profile, and the public fields of others: names and picture. Other profiles require the permission `users:read`. Profiles of users that an earlier version created are 404, except your own.',
      errors: { not_found: profileNotFound },
      content: () => ({
        parameter: cradlProfile.pathParameter,
        response: {
          schema: z
            .union([cradlProfile.response(), cradlProfile.publicResponse()])
            .meta({ id: 'CradlOwnOrPublicProfile' }),
          example: publicProfile,
        },
        responseDescription: 'The profile.',
      }),
    },
    updateProfile: {
      summary: 'Update your profile',
      description:
        'Changes your own profile, like `PATCH /cradl/v1/profiles/me`. The profiles of others are 404.',
      errors: { ...ownUpdateErrors, not_found: profileNotFound },
      content: () => ({
        parameter: cradlProfile.pathParameter,
        request: { schema: cradlProfile.updateInput(), example: profileUpdate },
        response: {
          schema: cradlProfile.response(),
          example: { ...dialects.cradl.user, ...profileUpdate },
        },
        responseDescription: 'The updated profile.',
        acceptsIfMatch: true,
      }),
    },
    changeOwnPassword: {
      summary: 'Change your password',
      description:
        'Sets a new password and ends your access tokens within 30 seconds, including the one used here: sign in again. A wrong current password is 400. After 5 of them from one network, each further attempt must wait longer. OIDC and SAML users have no password: 403.',
      dialectNotes: { jitsudo: 'A rejected new password is also 400.' },
      errors: {
        account_suspended: {},
        password_rejected: {},
        too_many_requests: {
          limits: {
            password_attempts: 'wrong current passwords from this network',
            own_passwords: 'new passwords in a day',
          },
        },
      },
      content: (dialect): OperationContent => {
        const { codec, example } = passwordChanges[dialect];
        const { passwordResponse, mapError } = codec;
        return {
          request: { schema: codec.changePasswordInput(), example },
          ...(passwordResponse && {
            response: { schema: passwordResponse.schema(), example: passwordResponse.body },
          }),
          responseDescription: passwordResponse ? 'A confirmation.' : 'No content.',
          ...(mapError && { mapError }),
        };
      },
    },
    requestCredentialConfirmation: {
      summary: 'Request a confirmation link',
      description: `Emails a link that removes the limit of an email or identity that another user set. The link works for an hour; one request a minute is allowed.

To confirm an email, sign in with a password or identity of your own; the link goes to that email. To confirm an identity, use its token; the link goes to the email of the account, which must have no limit and be verified by its holder. The link leads to \`confirmUrl\` of the tenant, by default to \`<origin>/confirm\`, with the fragment \`#token=…\`. The default page signs the holder in with the password and confirms the email.`,
      errors: {
        ...limitedSignInErrors,
        too_many_requests: {
          limits: { confirmation_interval: 'confirmation links in a minute' },
        },
      },
      content: () => ({
        request: { schema: requestConfirmationInput(), example: { credential: 'email' } },
        responseDescription: 'No content.',
      }),
    },
    confirmCredential: {
      summary: 'Confirm a credential',
      description:
        'Removes the limit of the credential that the emailed link confirms. The caller must be signed in to the same account, in the same way as when requesting the link. A confirmed email is verified.',
      errors: { ...limitedSignInErrors, confirmation_expired: {} },
      content: () => ({
        request: { schema: confirmCredentialInput(), example: { token: exampleLinkToken } },
        responseDescription: 'No content.',
      }),
    },
  },
};
