/** Creating and reading a user in each dialect, for rules that hold in all of them. */
import { expect } from 'vitest';
import {
  type TestResponse,
  adminToken,
  systemToken,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** Acceptable password. */
export const goodPassword = 'tangled-orchard-7-lamps';

/** Fields by their native names. A dialect uses those that it has. */
export interface Fields {
  readonly email: string;
  readonly userName?: string;
  readonly password?: string;
}

interface Creation {
  readonly target: string;
  readonly status: number;
  readonly token: (slug: TenantSlug) => string;
  readonly headers?: (slug: TenantSlug) => Record<string, string>;
  readonly body: (fields: Fields) => object;
  /** Path parameter of the created user. */
  readonly reference: (created: TestResponse['body']) => string;
}

let users = 0;

export const creations = {
  native: {
    target: '/v1/users',
    status: 201,
    token: adminToken,
    body: (fields) => fields,
    reference: ({ userId }) => userId,
  },
  cradl: {
    target: '/cradl/v1/users',
    status: 200,
    token: adminToken,
    body: ({ email }) => ({ email }),
    reference: ({ userId }) => userId,
  },
  jitsudo: {
    target: '/jitsudo/v1/users',
    status: 201,
    token: adminToken,
    headers: (slug) => ({ 'x-tenant-id': tenantId[slug] }),
    body: ({ email, password = goodPassword }) => ({
      email,
      password,
      name: 'Jo Smith',
      roles: ['user'],
    }),
    reference: ({ id }) => id,
  },
  credible: {
    target: '/credible/api/v0/users',
    status: 201,
    token: systemToken,
    body: ({ userName = `user-${++users}`, ...fields }) => ({ ...fields, userName }),
    reference: ({ email }) => email,
  },
} as const satisfies Readonly<Record<string, Creation>>;

export type Dialect = keyof typeof creations;
export const dialects = Object.keys(creations) as Dialect[];

const sentAs = (dialect: Dialect, slug: TenantSlug) => {
  const { token, headers }: Creation = creations[dialect];
  return { token: token(slug), headers: headers?.(slug) ?? {} };
};

/** Creates a user as a caller with permission. */
export const createUser = (
  service: Service,
  dialect: Dialect,
  fields: Fields,
  slug: TenantSlug = 'acme',
): Promise<TestResponse> =>
  service.post(creations[dialect].target, creations[dialect].body(fields), sentAs(dialect, slug));

/** Reads the created user as the same caller. */
export const readUser = (
  service: Service,
  dialect: Dialect,
  { body }: TestResponse,
  slug: TenantSlug = 'acme',
): Promise<TestResponse> =>
  service.get(
    `${creations[dialect].target}/${encodeURIComponent(creations[dialect].reference(body))}`,
    sentAs(dialect, slug),
  );

export const expectCreated = (answer: TestResponse, dialect: Dialect): void =>
  expect([answer.status, answer.text]).toEqual([creations[dialect].status, answer.text]);

/** Asserts a conflict that names the field but not its user. */
export const expectTaken = (answer: TestResponse, field: 'email' | 'userName'): void => {
  expect([answer.status, answer.text]).toEqual([409, answer.text]);
  expect(answer.body).toEqual({
    code: 'user_exists',
    message: `A user with this ${field === 'email' ? 'email' : 'username'} already exists`,
    details: { field, requestId: expect.any(String) },
  });
};
