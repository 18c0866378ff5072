/** Lists of users in each dialect, and users to list. */
import { randomUUID } from 'node:crypto';
import type { User } from '../../../lib/domain/users/user.ts';
import type { CodecDialect } from '../../../lib/api/routes.ts';
import { buildUserWrites } from '../../../lib/store/users/user-writes.ts';
import {
  type TestResponse,
  adminToken,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

type Body = TestResponse['body'];

interface Listing {
  readonly target: string;
  /** Query parameters for page size and cursor. */
  readonly limit: string;
  readonly cursor: string;
  readonly usersOf: (body: Body) => Body[];
  readonly nextOf: (body: Body) => string | null;
  /** Cradl does not return the email, so its users have it as their name. */
  readonly emailOf: (user: Body) => string;
}

const likeCradl = {
  limit: 'maxResults',
  cursor: 'nextToken',
  usersOf: ({ users }: Body) => users,
  nextOf: ({ nextToken }: Body) => nextToken,
  emailOf: ({ email, name }: Body) => email ?? name,
};

export const listings: Readonly<Record<CodecDialect, Listing>> = {
  native: { target: '/v1/users', ...likeCradl },
  cradl: { target: '/cradl/v1/users', ...likeCradl },
  jitsudo: {
    target: '/jitsudo/v1/users',
    limit: 'limit',
    cursor: 'cursor',
    usersOf: ({ data }) => data,
    nextOf: ({ next_cursor }) => next_cursor,
    emailOf: ({ email }) => email,
  },
  credible: { target: '/credible/api/v0/users', ...likeCradl },
};
export const listDialects = Object.keys(listings) as CodecDialect[];

/** Query with `cursor` and `limit` under the names of the dialect. Undefined values are omitted. */
export type Query = Readonly<Record<string, string | number | undefined>>;

interface Asked {
  /** Strings are sent unchanged. */
  readonly query?: string | Query;
  readonly slug?: TenantSlug;
  readonly token?: string;
}

/** Requests a page, by default as an administrator of the tenant. */
export function requestPage(
  service: Service,
  dialect: CodecDialect,
  { query = {}, slug = 'acme', token = adminToken(slug) }: Asked = {},
) {
  const { target, ...names } = listings[dialect];
  const toParameterName = (name: string): string =>
    name === 'limit' || name === 'cursor' ? names[name] : name;
  const pairs =
    typeof query === 'string'
      ? []
      : Object.entries(query).filter(([, value]) => value !== undefined);
  const search =
    typeof query === 'string'
      ? query
      : String(
          new URLSearchParams(
            pairs.map(([name, value]): [string, string] => [toParameterName(name), String(value)]),
          ),
        );
  return service.get(search === '' ? target : `${target}?${search}`, {
    token,
    headers: { 'x-tenant-id': tenantId[slug] },
  });
}

export interface ReadPage {
  readonly emails: string[];
  readonly next: string | null;
  readonly users: Body[];
}

/** Reads a page and asserts success. */
export async function readListPage(
  service: Service,
  dialect: CodecDialect,
  asked: Asked = {},
): Promise<ReadPage> {
  const { status, text, body } = await requestPage(service, dialect, asked);
  if (status !== 200) throw new Error(`${status} ${text}`);
  const { usersOf, nextOf, emailOf } = listings[dialect];
  const users = usersOf(body);
  return { users, emails: users.map(emailOf), next: nextOf(body) };
}

/** Reads all pages. Calls `between` before each next page. */
export async function readAllPages(
  service: Service,
  dialect: CodecDialect,
  { query = {}, ...asked }: Omit<Asked, 'query'> & { readonly query?: Query } = {},
  between: (page: ReadPage) => Promise<void> = async () => {},
): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    if (pages.length > 1000) throw new Error('the list has no end');
    const page = await readListPage(service, dialect, {
      ...asked,
      query: { ...query, ...(cursor !== undefined && { cursor }) },
    });
    pages.push(page.emails);
    cursor = page.next;
    if (cursor !== null) await between(page);
  }
  return pages;
}

interface SeedOptions {
  /** Writes only the list entries, for tests that read nothing else. */
  readonly hasOnlyEntries?: boolean;
}

/**
 * Writes users directly to the table, by default active and without roles. Returns their emails in
 * order.
 */
export async function seedUsers(
  { stored }: Service,
  slug: TenantSlug,
  count: number,
  fields: (index: number) => Partial<User> = () => ({}),
  { hasOnlyEntries = false }: SeedOptions = {},
): Promise<string[]> {
  const users = Array.from({ length: count }, (_, index): User => {
    const email = `user-${String(index).padStart(4, '0')}@example.com`;
    return {
      tenantId: tenantId[slug],
      userId: randomUUID(),
      profileId: randomUUID(),
      email,
      name: email,
      authProvider: 'oidc',
      roles: [],
      status: 'active',
      emailVerified: false,
      hasAvatar: false,
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'somebody',
      ...fields(index),
    };
  });
  const creation = { requestId: 'none', issuer: 'none', policies: [] };
  const items = users
    .flatMap((user) => buildUserWrites(stored.directory, { user, creation, uniqueness: 'tenant' }))
    .flatMap(({ write }) => write.Put?.Item ?? []);
  await stored.putAll(hasOnlyEntries ? items.filter((item) => 'view' in item) : items);
  return users.map(({ email = '' }) => email);
}
