import * as z from 'zod';
import {
  emailAddress,
  namesSomething,
  nothingNamed,
  onboarding,
  password,
  shortText,
  tutorialStatus,
  tutorialStatusChange,
  userName,
} from '../fields.ts';
import { cradlList } from '../paging.ts';
import type { UserWire } from '../user-wire.ts';

// The address pattern of Credible's own paths without %, so every user that it creates can be named in one.
const email = emailAddress(/^[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/);

const answer = z
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
  .meta({ id: 'CredibleUser' });

/** Credible, /users (docs.credibledata.com, admin API). Users have no ids and no times here. */
export const credible: UserWire = {
  draft: z
    .object({
      userName,
      password: password.optional(),
      email,
      firstName: shortText.optional(),
      lastName: shortText.optional(),
      businessRole: shortText.optional(),
      tutorialStatus: tutorialStatus.optional(),
    })
    .meta({ id: 'CredibleUserCreate' })
    .transform((body) => ({ ...body, roles: [], authProvider: 'local' as const })),

  patch: z
    .object({
      userName: userName.optional(),
      // Credible's page asks for no current password, of oneself either: the person hears of it by mail, and every token of theirs ends.
      password: password.optional().meta({ description: 'Of others only where the tenant allows it; they have to change it then.' }),
      email: email.optional(),
      firstName: shortText.nullable().optional(),
      lastName: shortText.nullable().optional(),
      businessRole: shortText.nullable().optional(),
      tutorialStatus: tutorialStatusChange.optional(),
    })
    .meta({ id: 'CredibleUserChange' })
    .refine(namesSomething, nothingNamed),
  allowsSelf: true,

  // Credible's pages have no list of users; this one is Cradl's.
  list: cradlList({ named: 'users', field: 'users', answer, id: 'CredibleUserList' }),

  answer,

  parameter: { name: 'userName', description: 'The user name, or the e-mail address.', example: 'jsmith' },
  reference: (name) => {
    if (name.includes('@')) return email.safeParse(name).success ? { email: name } : undefined;
    return userName.safeParse(name).success ? { userName: name } : undefined;
  },
  showsAvatar: false,

  view: ({ userName, email, firstName, lastName, businessRole, tutorialStatus: stored }) => ({
    body: { userName, email, firstName, lastName, businessRole, tutorialStatus: onboarding.parse(stored ?? {}) },
  }),
};
