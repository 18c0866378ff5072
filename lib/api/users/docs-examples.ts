import type { DialectName } from '../routes.ts';

/** One user on the wire of a dialect. */
export interface UserExamples {
  /** A create's request body. */
  readonly draft: object;
  /** The user as it is answered. */
  readonly user: object;
  /** A change's request body. */
  readonly patch: object;
  /** What every change leaves on the user. */
  readonly change: object;
  /** What shows that a user is suspended. */
  readonly inactive: object;
}

/** The same user as the one who calls. */
export interface OwnAccountExamples {
  readonly user: object;
  readonly patch: object;
  /** The request body of a change of password. */
  readonly password: object;
}

const password = 'correct horse battery staple';
const nextPassword = 'tangled orchard, seven lamps';
const createdTime = '2026-01-31T12:00:00.000Z';
const updatedTime = '2026-02-01T09:30:00.000Z';
const cradlChange = { updatedTime, updatedBy: 'admin' };

const tutorialStatus = {
  projectTutorial: {
    hasClickedCreateModel: false,
    doNotShowModelIntro: false,
    doNotShowSchemaExplorerTip: false,
    doNotShowTutorialInHomePanel: false,
  },
};

/** One user in each dialect: the samples of the three APIs' own pages, with their placeholders filled in. */
export const examples = {
  native: {
    draft: {
      email: 'jsmith@example.com',
      userName: 'jsmith',
      firstName: 'Jane',
      lastName: 'Smith',
      password,
      roleIds: ['cradl:role:user'],
      metadata: { costCentre: 4711 },
    },
    user: {
      userId: 'cradl:user:0123456789ab4def8123456789abcdef',
      profileId: 'cradl:profile:fedcba98765443218fedcba987654321',
      tenantId: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
      email: 'jsmith@example.com',
      emailVerified: false,
      userName: 'jsmith',
      name: 'Jane Smith',
      description: null,
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: null,
      locale: null,
      roleIds: ['cradl:role:user'],
      authProvider: 'local',
      status: 'active',
      isOwner: false,
      mustChangePassword: false,
      inactivePermissions: [],
      metadata: { costCentre: 4711 },
      tutorialStatus: null,
      appClientId: null,
      identity: null,
      avatar: null,
      version: 1,
      createdTime,
      createdBy: 'admin',
      updatedTime: null,
      updatedBy: null,
    },
    patch: { name: 'Jane Doe', metadata: { costCentre: 4712 } },
    change: { version: 2, ...cradlChange },
    inactive: { status: 'inactive' },
  },
  cradl: {
    draft: {
      email: 'jsmith@example.com',
      metadata: {},
      roleIds: ['cradl:role:user'],
      name: 'Jane Smith',
      description: 'Accounts payable',
      appClientId: 'cradl:app-client:default',
    },
    user: {
      updatedTime: null,
      metadata: {},
      updatedBy: null,
      createdBy: 'admin',
      name: 'Jane Smith',
      createdTime,
      description: 'Accounts payable',
      userId: 'cradl:user:0123456789ab4def8123456789abcdef',
      roleIds: ['cradl:role:user'],
      profileId: 'cradl:profile:fedcba98765443218fedcba987654321',
      status: 'invite_pending',
    },
    patch: { name: 'Jane Doe', description: null },
    change: cradlChange,
    inactive: { status: 'inactive' },
  },
  jitsudo: {
    draft: {
      email: 'jsmith@example.com',
      name: 'Jane Smith',
      password,
      roles: ['user'],
      auth_provider: 'local',
    },
    user: {
      id: '01234567-89ab-4def-8123-456789abcdef',
      email: 'jsmith@example.com',
      name: 'Jane Smith',
      roles: ['user'],
      auth_provider: 'local',
      active: true,
      email_verified: false,
      is_owner: false,
      created_at: createdTime,
      updated_at: createdTime,
      avatar_base64: null,
    },
    patch: { name: 'Jane Doe', roles: ['user', 'approver'] },
    change: { updated_at: updatedTime },
    inactive: { active: false },
  },
  credible: {
    draft: {
      userName: 'jsmith',
      password,
      email: 'jsmith@example.com',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
    user: {
      userName: 'jsmith',
      email: 'jsmith@example.com',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
    patch: { businessRole: 'Controller' },
    change: {},
    inactive: {},
  },
} as const satisfies Readonly<Record<DialectName, UserExamples>>;

/** The dialects that know who calls. */
export const ownAccountExamples: Readonly<Partial<Record<DialectName, OwnAccountExamples>>> & {
  readonly native: OwnAccountExamples;
} = {
  native: {
    user: {
      ...examples.native.user,
      ...examples.native.change,
      updatedBy: examples.native.user.userId,
    },
    patch: { name: 'Jane Doe' },
    password: { currentPassword: password, newPassword: nextPassword },
  },
  jitsudo: {
    user: {
      id: examples.jitsudo.user.id,
      email: 'jsmith@example.com',
      name: 'Jane Smith',
      auth_provider: 'local',
      first_name: 'Jane',
      last_name: 'Smith',
      display_name: null,
      avatar_base64: null,
    },
    patch: { display_name: 'Jane Smith' },
    password: { current_password: password, new_password: nextPassword },
  },
};

const deed = { issuer: 'https://id.example.com', requestId: 'JKJaXmPLvHcESHA=' };

/** Somebody who was created with a password, so that nobody had to invite them, and whose name was changed once. */
export const exportExample = {
  user: { ...examples.native.user, ...examples.native.change, name: 'Jane Doe' },
  creation: { ...deed, policies: ['create-user'] },
  emailVerifiedBy: 'holder',
  credentialLimits: {},
  invitation: null,
  changes: [
    {
      version: 2,
      action: 'update',
      time: updatedTime,
      by: 'admin',
      ...deed,
      policies: ['update-user'],
      before: { name: null },
    },
  ],
  nextToken: null,
};

export const erasureExample = {
  userId: 'cradl:user:0123456789ab4def8123456789abcdef',
  erasedTime: updatedTime,
  erasedBy: 'admin',
  ...deed,
  policies: ['erase-user'],
};
