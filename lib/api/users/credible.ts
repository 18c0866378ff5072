import * as z from 'zod';
import { emailPatterns } from '../email-address.ts';
import { emailAddress } from '../email-address.ts';
import { separateCurrentValues, emailOrUserName } from './fields/current-names.ts';
import { anyUserName, userNameField } from './fields/user-name.ts';
import { tutorialFlags, tutorialStatus, tutorialStatusUpdate } from './fields/user-fields.ts';
import { password, shortName } from '../fields.ts';
import { updateBody, requestBody } from '../request-body.ts';
import type { OrganizationUserCodec, UserCodec } from './user-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const email = () => emailAddress(emailPatterns.credible);
const pathUserName = buildOnce(anyUserName);
const responseFlags = buildOnce(tutorialFlags);
const userName = () => userNameField(email());

const response = responseSchema(() =>
  z
    .strictObject({
      userName: z.string().optional(),
      email: z.string(),
      firstName: z.string().optional(),
      lastName: z.string().optional(),
      businessRole: z.string().optional(),
      tutorialStatus: z.looseObject({
        projectTutorial: z.looseObject({
          hasClickedCreateModel: z.boolean(),
          doNotShowModelIntro: z.boolean(),
          doNotShowSchemaExplorerTip: z.boolean(),
          doNotShowTutorialInHomePanel: z.boolean(),
        }),
      }),
    })
    .meta({ id: 'CredibleUser' }),
);

/** Users of Credible, `/users` (docs.credibledata.com, admin API), without IDs and times. */
export const credibleUser: UserCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        userName: userName(),
        password: password().optional(),
        email: email(),
        firstName: shortName().optional(),
        lastName: shortName().optional(),
        businessRole: shortName().optional(),
        tutorialStatus: tutorialStatus().optional(),
      },
      'CredibleUserCreate',
    ).transform((body) => ({ ...body, authProvider: 'local' as const })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        // Accepts values of any dialect, because clients send responses back.
        userName: anyUserName().optional(),
        // Credible sends no current password, so a change requires a recent sign-in.
        password: password().optional().meta({
          description:
            'Setting the password of another user requires a system administrator or the consent of the tenant owner. The user must then change it.',
        }),
        email: emailOrUserName().optional(),
        firstName: shortName().nullable().optional(),
        lastName: shortName().nullable().optional(),
        businessRole: shortName().nullable().optional(),
        tutorialStatus: tutorialStatusUpdate().optional(),
      },
      'CredibleUserChange',
    ).transform(separateCurrentValues),
  ),
  allowsSelf: true,

  response,

  pathParameter: {
    name: 'userName',
    description: 'Username or email of the user.',
    example: 'jsmith',
  },
  parseUserRef: (name) => {
    const { data } = pathUserName().safeParse(name);
    if (data === undefined) return undefined;
    return data.includes('@') ? { address: data } : { userName: data };
  },
  includesAvatar: false,

  toResponse: ({
    userName,
    email = userName,
    firstName,
    lastName,
    businessRole,
    tutorialStatus,
  }) => ({
    body: {
      userName,
      email,
      firstName,
      lastName,
      businessRole,
      tutorialStatus: responseFlags().parse(tutorialStatus ?? {}),
    },
  }),
};

/**
 * Users of an organization, `/organizations/{organization}/users` (docs.credibledata.com, admin
 * API).
 */
export const credibleOrganizationUser: OrganizationUserCodec = {
  response: responseSchema(() =>
    z
      .strictObject({ userName: z.string().optional(), email: z.string() })
      .meta({ id: 'CredibleOrganizationUser' }),
  ),
  toResponse: ({ userName, email }) => ({ body: { userName, email } }),
};
