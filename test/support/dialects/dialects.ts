/** Properties of each dialect: request format and differences from the others. */
import { randomBytes } from 'node:crypto';
import type { CodecDialect } from '../../../lib/api/routes.ts';
import type { Persona, Stage } from './stage.ts';
import type { TestResponse, TestRequest } from '../service.ts';

type Body = Readonly<Record<string, unknown>>;

export interface Adapter {
  readonly name: CodecDialect;
  readonly users: string;
  /** Status of a create. */
  readonly created: 200 | 201;
  /** Method of an update. */
  readonly changes: 'PATCH' | 'PUT';
  /** Caller with permission to create. */
  readonly creator: Persona;
  /** True if every request needs the tenant header. */
  readonly namesTenant: boolean;
  /** Minimal and maximal body of a create. */
  readonly least: (unique: string) => Body;
  readonly most: (unique: string) => Body;
  /** Fields that responses omit. */
  readonly writeOnly: readonly string[];
  /** Path parameter of a user. */
  readonly nameIn: (user: Body) => string;
  /** Well-formed path parameter of no user. */
  readonly unknownUser: string;
}

export const password = 'correct horse battery staple';
const email = (unique: string) => `J.Smith.${unique}@example.com`;
const tutorialStatus = {
  projectTutorial: {
    hasClickedCreateModel: true,
    doNotShowModelIntro: false,
    doNotShowSchemaExplorerTip: false,
    doNotShowTutorialInHomePanel: true,
  },
};
export const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';

export const adapters: readonly Adapter[] = [
  {
    name: 'native',
    users: '/v1/users',
    created: 201,
    changes: 'PATCH',
    creator: 'admin',
    namesTenant: false,
    least: (unique) => ({ email: email(unique) }),
    most: (unique) => ({
      email: email(unique),
      emailVerified: true,
      userName: `jsmith-${unique}`,
      externalId: `HR ${unique}`,
      name: 'Jane Smith',
      description: 'Accounts payable',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      phoneNumber: '+41445550123',
      locale: 'de-CH',
      timeZone: 'Europe/Zurich',
      password,
      authProvider: 'local',
      roleIds: ['cradl:role:user'],
      metadata: { costCentre: 4711 },
      tutorialStatus,
      appClientId: 'cradl:app-client:default',
      identity: { issuer: 'https://id.example.com', subject: unique },
      avatar: picture,
      picture: 'https://images.example.com/jane.png',
      profileMetadata: { theme: 'dark' },
    }),
    writeOnly: ['password'],
    nameIn: ({ userId }) => String(userId),
    unknownUser: 'cradl:user:00000000000000000000000000000000',
  },
  {
    name: 'cradl',
    users: '/cradl/v1/users',
    created: 200,
    changes: 'PATCH',
    creator: 'admin',
    namesTenant: false,
    least: (unique) => ({ email: email(unique) }),
    most: (unique) => ({
      email: email(unique),
      metadata: { costCentre: 4711 },
      roleIds: ['cradl:role:user'],
      name: 'Jane Smith',
      description: 'Accounts payable',
      appClientId: 'cradl:app-client:default',
    }),
    writeOnly: ['email', 'appClientId'],
    nameIn: ({ userId }) => String(userId),
    unknownUser: 'cradl:user:00000000000000000000000000000000',
  },
  {
    name: 'jitsudo',
    users: '/jitsudo/v1/users',
    created: 201,
    changes: 'PUT',
    creator: 'admin',
    namesTenant: true,
    least: (unique) => ({
      email: email(unique),
      name: 'Jane Smith',
      roles: ['user'],
      auth_provider: 'oidc',
    }),
    most: (unique) => ({
      email: email(unique),
      name: 'Jane Smith',
      password,
      roles: ['user'],
      auth_provider: 'local',
      avatar_base64: picture,
    }),
    writeOnly: ['password'],
    nameIn: ({ id }) => String(id),
    unknownUser: '00000000-0000-4000-8000-000000000000',
  },
  {
    name: 'credible',
    users: '/credible/api/v0/users',
    created: 201,
    changes: 'PATCH',
    creator: 'system',
    namesTenant: false,
    least: (unique) => ({ userName: `jsmith-${unique}`, email: email(unique) }),
    most: (unique) => ({
      userName: `jsmith-${unique}`,
      password,
      email: email(unique),
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      tutorialStatus,
    }),
    writeOnly: ['password'],
    nameIn: ({ userName }) => String(userName),
    unknownUser: 'nobody',
  },
];

export const unique = (): string => randomBytes(6).toString('hex');

/**
 * Creates a client that sends requests of one dialect to a stage, by default as a caller with
 * permission.
 */
export function createSpeaker({ users, creator, namesTenant }: Adapter, stage: Stage) {
  const usual = ({ headers, ...sent }: TestRequest): TestRequest => ({
    token: stage.tokens[creator],
    ...sent,
    headers: { ...(namesTenant && { 'x-tenant-id': stage.tenantId }), ...headers },
  });
  return {
    creates: (body: unknown, sent: TestRequest = {}): Promise<TestResponse> =>
      stage.send('POST', users, { ...usual(sent), body }),
    gets: (name: string, sent: TestRequest = {}): Promise<TestResponse> =>
      stage.send('GET', `${users}/${name}`, usual(sent)),
    sends: (method: string, target: string, sent: TestRequest = {}): Promise<TestResponse> =>
      stage.send(method, target, usual(sent)),
  };
}
