import { Failure } from '../../../domain/kernel/failure.ts';
import type { ErrorDocs, ResourceDoc } from '../../operation-doc.ts';
import { patchDoc } from '../resource-docs.ts';
import { projection, responseUser, user, userInput } from '../users/user-docs.ts';

type OwnUserOperation =
  | 'scimGetOwnUser'
  | 'scimReplaceOwnUser'
  | 'scimPatchOwnUser'
  | 'scimDeleteOwnUser';

const errors: ErrorDocs = {
  not_implemented: {},
  account_suspended: {},
  not_found: { text: 'the caller has no user in the directory' },
};

const changeErrors: ErrorDocs = {
  ...errors,
  immutable_attribute: {
    text: 'users can change only their names and language in their own account',
    example: new Failure(
      'immutable_attribute',
      'Only displayName, name.givenName, name.familyName and preferredLanguage can be changed in your own account',
    ),
  },
};

export const ownUserDoc: ResourceDoc<OwnUserOperation> = {
  name: 'Own user',
  description: 'The user of the access token (RFC 7644 §3.11). App clients have none.',
  operations: {
    scimGetOwnUser: {
      summary: 'Get the own user',
      description: 'Returns the user of the access token. `Location` has the permanent URL.',
      errors,
      content: () => ({ query: projection, ...responseUser }),
    },
    scimReplaceOwnUser: {
      summary: 'Replace the own user',
      description: 'Changes names and language of the caller. Other attributes must stay the same.',
      errors: changeErrors,
      content: () => ({
        query: projection,
        request: { schema: user, example: userInput },
        acceptsIfMatch: true,
        ...responseUser,
      }),
    },
    scimPatchOwnUser: {
      summary: 'Change the own user',
      description: 'Changes names and language of the caller. Applies all operations, or none.',
      errors: changeErrors,
      content: () => ({
        query: projection,
        request: {
          schema: patchDoc,
          example: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [{ op: 'replace', path: 'displayName', value: 'Jane Smith' }],
          },
        },
        acceptsIfMatch: true,
        ...responseUser,
      }),
    },
    scimDeleteOwnUser: {
      summary: 'Delete the own user',
      description:
        'Deletes the account of the caller, who must have signed in within the last 5 minutes. The owner of the tenant cannot delete their account.',
      errors: {
        ...errors,
        owner_protected: { text: 'the caller owns the tenant' },
        insufficient_user_authentication: {},
      },
      content: () => ({ acceptsIfMatch: true, responseDescription: 'No content.' }),
    },
  },
};
