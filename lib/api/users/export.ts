import * as z from 'zod';
import type { Change, Creation, User } from '../../domain/users/user.ts';
import { type ListWire, nativeList } from '../lists.ts';
import { invitationAnswer } from '../invitations/native.ts';
import { answer } from './native.ts';

const deed = {
  requestId: z.string(),
  issuer: z.string().meta({ description: 'The issuer of the token.' }),
  policies: z.array(z.string()).meta({ description: 'The policies that allowed it.' }),
};

const credentialLimit = z.strictObject({
  permissions: z.string().meta({ description: 'Permissions of the setter, separated by spaces.' }),
  setBy: z.string(),
  setAt: z.iso.datetime(),
});

const changeAnswer = z
  .strictObject({
    version: z.int(),
    action: z.string(),
    time: z.iso.datetime(),
    by: z.string(),
    ...deed,
    before: z.record(z.string(), z.unknown()).meta({
      description:
        'Changed fields with their previous values, null for none. Secrets and avatars have only their names. `metadata` and `tutorialStatus` have only the changed members, as a merge patch that restores them (RFC 7396).',
    }),
    omitted: z
      .record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string() }))
      .optional()
      .meta({
        description:
          'Changed fields whose previous values are too long for a record: size and SHA-256 (hex) of their JSON with sorted names.',
      }),
    after: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'New limits of credentials, if they changed.' }),
  })
  .meta({ id: 'UserChangeRecord' });

/** The changes of one user. */
export const changeList = nativeList({
  named: 'changes',
  field: 'changes',
  answer: changeAnswer,
  id: 'UserChangeRecordList',
});

/** Everything that is held about a user, except secrets, on a page of the list of their changes. */
export const exportAnswer = z
  .strictObject({
    user: answer,
    creation: z.strictObject(deed),
    emailVerifiedBy: z
      .enum(['holder', 'administrator'])
      .nullable()
      .meta({ description: 'Principal that verified the email.' }),
    credentialLimits: z
      .partialRecord(z.enum(['password', 'email', 'identity']), credentialLimit)
      .meta({ description: 'Limits of credentials that another user set.' }),
    invitation: invitationAnswer
      .nullable()
      .meta({ description: 'Null for who was never invited.' }),
    changes: z.array(changeAnswer).meta({ description: 'A page of the changes, oldest first.' }),
    nextToken: z
      .string()
      .nullable()
      .meta({ description: 'Cursor of the next page; null on the last page.' }),
  })
  .meta({ id: 'UserExport' });

/** The list of changes, each page together with the user. */
export const exportList = (
  { emailVerifiedBy, credentialLimits = {} }: User,
  user: unknown,
  invitation: unknown,
  { answerId: _internal, ...creation }: Creation,
): ListWire => ({
  ...changeList,
  view: (changes, next) => ({
    user,
    creation,
    emailVerifiedBy: emailVerifiedBy ?? null,
    credentialLimits,
    invitation,
    ...changeList.view(changes, next),
  }),
});

export const toChangeResponse = ({
  version,
  action,
  time,
  by,
  issuer,
  requestId,
  policies,
  before,
  omitted,
  after,
}: Change) =>
  ({
    version,
    action,
    time,
    by,
    issuer,
    requestId,
    policies: [...policies],
    before: { ...before },
    omitted,
    after: after && { ...after },
  }) satisfies z.input<typeof changeAnswer>;
