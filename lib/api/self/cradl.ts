import * as z from 'zod';
import { formatId, cradlIdPatterns, parseProfileId, toHex } from '../../domain/kernel/ids.ts';
import { formatDisplayName, type User, getAccountName } from '../../domain/users/user.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { shortName } from '../fields.ts';
import { updateBody } from '../request-body.ts';
import { locale, picture, profileMetadata } from '../users/fields/user-fields.ts';
import type { ResponseContext } from '../users/user-codec.ts';
import type { ProfileCodec } from './self-codec.ts';

const time = () => z.iso.datetime();
const nullableText = () => z.string().nullable();
/** A user belongs to one organization, and no profile creates others. */
const numberOfOrganizations = 1;

const publicFields = () => ({
  profileId: z.string().regex(cradlIdPatterns.profile),
  givenName: nullableText(),
  familyName: nullableText(),
  picture: nullableText().meta({ maxLength: 4096 }),
});

const toPublicBody = (user: User, { idPrefix }: ResponseContext) => ({
  profileId: formatId(idPrefix, 'profile', toHex(user.profileId)),
  givenName: user.firstName ?? null,
  familyName: user.lastName ?? null,
  picture: user.picture ?? null,
});

/**
 * Profiles of Cradl, `/profiles` (docs.cradl.ai, the specification of 2024, and Cradl's JavaScript
 * client). The profile is the person behind a user.
 */
export const cradlProfile: ProfileCodec = {
  updateInput: buildOnce(() =>
    updateBody(
      {
        givenName: shortName().nullable().optional(),
        familyName: shortName().nullable().optional(),
        locale: locale().nullable().optional(),
        metadata: profileMetadata().nullable().optional(),
        picture: picture().nullable().optional(),
      },
      'CradlProfileChange',
    ).transform(({ givenName, familyName, metadata, ...rest }) => ({
      ...rest,
      firstName: givenName,
      lastName: familyName,
      profileMetadata: metadata,
    })),
  ),
  replacesMetadata: true,

  response: responseSchema(() =>
    z
      .strictObject({
        ...publicFields(),
        email: z.string(),
        name: nullableText(),
        locale: nullableText(),
        metadata: z.record(z.string(), z.unknown()).nullable(),
        numberOfOrganizationsAllowed: z.int(),
        numberOfOrganizationsCreated: z.int(),
        createdTime: time(),
        updatedTime: time().nullable(),
      })
      .meta({ id: 'CradlProfile' }),
  ),
  toResponse: (user, context) => ({
    body: {
      ...toPublicBody(user, context),
      email: getAccountName(user),
      name: user.name ?? formatDisplayName(user),
      locale: user.locale ?? null,
      metadata: user.profileMetadata ?? null,
      numberOfOrganizationsAllowed: numberOfOrganizations,
      numberOfOrganizationsCreated: numberOfOrganizations,
      createdTime: user.createdAt,
      updatedTime: user.updatedAt ?? null,
    },
  }),

  publicResponse: responseSchema(() =>
    z.strictObject(publicFields()).meta({ id: 'CradlPublicProfile' }),
  ),
  toPublicResponse: (user, context) => ({ body: toPublicBody(user, context) }),

  pathParameter: {
    name: 'profileId',
    description: 'ID of the profile.',
    example: 'cradl:profile:fedcba9876544210bedcba9876543210',
  },
  parseProfileId,
};
