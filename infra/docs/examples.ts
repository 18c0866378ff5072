import type { DialectName } from '../../lib/http/routes.ts';

interface Example {
  /** A create's request body. */
  readonly request: object;
  /** The user as it is answered. */
  readonly answer: object;
}

const tutorialStatus = {
  projectTutorial: {
    hasClickedCreateModel: false,
    doNotShowModelIntro: false,
    doNotShowSchemaExplorerTip: false,
    doNotShowTutorialInHomePanel: false,
  },
};

/** One user in each dialect: the samples of the three APIs' own pages, with their placeholders filled in. */
export const examples: Readonly<Record<DialectName, Example>> = {
  native: {
    request: {
      email: 'jsmith@example.com',
      userName: 'jsmith',
      firstName: 'Jane',
      lastName: 'Smith',
      password: 'correct horse battery staple',
      roleIds: ['cradl:role:user'],
      metadata: { costCentre: 4711 },
    },
    answer: {
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
      roleIds: ['cradl:role:user'],
      authProvider: 'local',
      status: 'active',
      isOwner: false,
      metadata: { costCentre: 4711 },
      tutorialStatus: null,
      appClientId: null,
      avatar: null,
      version: 1,
      createdTime: '2026-01-31T12:00:00.000Z',
      createdBy: 'admin',
      updatedTime: null,
      updatedBy: null,
    },
  },
  cradl: {
    request: {
      email: 'jsmith@example.com',
      metadata: {},
      roleIds: ['cradl:role:user'],
      name: 'Jane Smith',
      description: 'Accounts payable',
      appClientId: 'cradl:app-client:default',
    },
    answer: {
      updatedTime: null,
      metadata: {},
      updatedBy: null,
      createdBy: 'admin',
      name: 'Jane Smith',
      createdTime: '2026-01-31T12:00:00.000Z',
      description: 'Accounts payable',
      userId: 'cradl:user:0123456789ab4def8123456789abcdef',
      roleIds: ['cradl:role:user'],
      profileId: 'cradl:profile:fedcba98765443218fedcba987654321',
      status: 'invite_pending',
    },
  },
  jitsudo: {
    request: {
      email: 'jsmith@example.com',
      name: 'Jane Smith',
      password: 'correct horse battery staple',
      roles: ['user'],
      auth_provider: 'local',
    },
    answer: {
      id: '01234567-89ab-4def-8123-456789abcdef',
      email: 'jsmith@example.com',
      name: 'Jane Smith',
      roles: ['user'],
      auth_provider: 'local',
      active: true,
      email_verified: false,
      is_owner: false,
      created_at: '2026-01-31T12:00:00.000Z',
      updated_at: '2026-01-31T12:00:00.000Z',
      avatar_base64: null,
    },
  },
  credible: {
    request: {
      userName: 'jsmith',
      password: 'correct horse battery staple',
      email: 'jsmith@example.com',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
    answer: {
      userName: 'jsmith',
      email: 'jsmith@example.com',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
  },
};
