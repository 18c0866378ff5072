import {
  exampleCreatedTime,
  exampleEmail,
  examplePassword,
  exampleProfileId,
  exampleRequestId,
  exampleTenantId,
  exampleUpdatedTime,
  exampleUserId,
} from '../doc-parts.ts';
import type { CodecDialect } from '../routes.ts';

/** A user in one dialect. */
export interface UserExamples {
  /** Request body of a create. */
  readonly draft: object;
  readonly user: object;
  /** Request body of an update. */
  readonly patch: object;
  /** Fields that every update changes. */
  readonly change: object;
  /** Fields that a suspension changes. */
  readonly inactive: object;
}

const password = examplePassword;
const createdTime = exampleCreatedTime;
const updatedTime = exampleUpdatedTime;
const cradlChange = { updatedTime, updatedBy: 'admin' };

const tutorialStatus = {
  projectTutorial: {
    hasClickedCreateModel: false,
    doNotShowModelIntro: false,
    doNotShowSchemaExplorerTip: false,
    doNotShowTutorialInHomePanel: false,
  },
};

/** One user in each dialect, after the samples in the documentation of the three APIs. */
export const examples = {
  native: {
    draft: {
      email: exampleEmail,
      userName: 'jsmith',
      externalId: 'hr-4711',
      firstName: 'Jane',
      lastName: 'Smith',
      phoneNumber: '+14155550123',
      timeZone: 'Europe/Oslo',
      password,
      roleIds: ['cradl:role:user'],
      metadata: { costCenter: 4711 },
    },
    user: {
      userId: exampleUserId,
      profileId: exampleProfileId,
      tenantId: exampleTenantId,
      email: exampleEmail,
      emailVerified: false,
      pendingEmail: null,
      userName: 'jsmith',
      externalId: 'hr-4711',
      managedBy: null,
      name: 'Jane Smith',
      description: null,
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: null,
      phoneNumber: '+14155550123',
      locale: null,
      timeZone: 'Europe/Oslo',
      roleIds: ['cradl:role:user'],
      authProvider: 'local',
      status: 'active',
      isOwner: false,
      mustChangePassword: false,
      inactivePermissions: [],
      metadata: { costCenter: 4711 },
      profileMetadata: null,
      tutorialStatus: null,
      appClientId: null,
      identity: null,
      avatar: null,
      picture: null,
      version: 1,
      lastSignInTime: null,
      createdTime,
      createdBy: 'admin',
      updatedTime: null,
      updatedBy: null,
      deletedTime: null,
    },
    patch: { name: 'Jane Doe', metadata: { costCenter: 4712 } },
    change: { version: 2, ...cradlChange },
    inactive: { status: 'inactive' },
  },
  cradl: {
    draft: {
      email: exampleEmail,
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
      userId: exampleUserId,
      roleIds: ['cradl:role:user'],
      profileId: exampleProfileId,
      status: 'invite_pending',
    },
    patch: { name: 'Jane Doe', description: null },
    change: cradlChange,
    inactive: { status: 'inactive' },
  },
  jitsudo: {
    draft: {
      email: exampleEmail,
      name: 'Jane Smith',
      password,
      roles: ['user'],
      auth_provider: 'local',
    },
    user: {
      id: '01234567-89ab-4def-8123-456789abcdef',
      email: exampleEmail,
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
      email: exampleEmail,
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
    user: {
      userName: 'jsmith',
      email: exampleEmail,
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    },
    patch: { businessRole: 'Controller' },
    change: {},
    inactive: {},
  },
} as const satisfies Readonly<Record<CodecDialect, UserExamples>>;

const auditFields = { issuer: 'https://id.example.com', requestId: exampleRequestId };

/** A user with a password, no invitation and one update. */
export const exportExample = {
  user: { ...examples.native.user, ...examples.native.change, name: 'Jane Doe' },
  creation: { time: createdTime, ...auditFields, policies: ['create-user'] },
  emailVerifiedBy: 'holder',
  credentialLimits: {},
  groups: [
    {
      groupId: 'cradl:group:5f0c3d1e9a7b4c2d8e6f1a2b3c4d5e6f',
      name: 'Billing',
      status: 'member',
      joinedTime: updatedTime,
      addedBy: 'admin',
    },
  ],
  scim: null,
  accessRequest: null,
  invitation: null,
  changes: [
    {
      version: 2,
      action: 'update',
      time: updatedTime,
      by: 'admin',
      ...auditFields,
      policies: ['update-user'],
      before: { name: null },
    },
  ],
  signIns: [
    { time: updatedTime, method: 'password', ipAddress: '203.0.113.7', userAgent: 'Mozilla/5.0' },
  ],
  scimRequests: [],
  nextToken: null,
};

export const erasureExample = {
  userId: exampleUserId,
  erasedTime: updatedTime,
  erasedBy: 'admin',
  ...auditFields,
  policies: ['erase-user'],
};
