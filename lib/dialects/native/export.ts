import * as z from 'zod';
import type { Change, Creation } from '../../domain/users/user.ts';
import { invitationAnswer } from './invitation.ts';
import { answer } from './user.ts';

const deed = {
  requestId: z.string(),
  issuer: z.string().meta({ description: 'The issuer of the token.' }),
  policies: z.array(z.string()).meta({ description: 'The policies that allowed it.' }),
};

/** Everything that is held about a user, except secrets. */
export const exportAnswer = z
  .strictObject({
    user: answer,
    creation: z.strictObject(deed),
    invitation: invitationAnswer.nullable().meta({ description: 'Null for who was never invited.' }),
    changes: z.array(
      z.strictObject({
        version: z.int(),
        action: z.string(),
        time: z.iso.datetime(),
        by: z.string(),
        ...deed,
        before: z.record(z.string(), z.unknown()).meta({
          description:
            'The changed fields with their previous values, null for none; secrets and avatars only by name. `metadata` and `tutorialStatus` have only the members that changed: the merge patch back (RFC 7396).',
        }),
        omitted: z
          .record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string() }))
          .optional()
          .meta({
            description:
              'Changed fields whose previous values are too long for a record: size and SHA-256 (hex) of their JSON with sorted names.',
          }),
        after: z.record(z.string(), z.unknown()).optional().meta({ description: 'New limits of credentials, if they changed.' }),
      }),
    ),
  })
  .meta({ id: 'UserExport' });

export const exported = (
  user: unknown,
  invitation: unknown,
  { creation, changes }: { creation: Creation; changes: readonly Change[] },
): object => {
  const { answerId: _internal, ...deedOfCreation } = creation;
  return { user, creation: deedOfCreation, invitation, changes };
};
