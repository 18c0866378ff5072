/** The steps that tests are told in: given a service and somebody who calls it, when they send a request. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import { type FakeAws, startFakeAws } from '../../infra/local/fakes/fake-aws.ts';
import { linkRedemptionApi } from '../../functions/link-redemption.ts';
import { appClientsApi } from '../../functions/app-clients.ts';
import { documentsApi } from '../../functions/documents.ts';
import { invitationLinksApi } from '../../functions/invitation-links.ts';
import { inviteOnRequest } from '../../lib/events/invite-requests.ts';
import { createMailer } from '../../lib/events/mailer.ts';
import { passwordsApi } from '../../functions/passwords.ts';
import { signInApi } from '../../functions/sign-in.ts';
import { tenantsApi } from '../../functions/tenants.ts';
import { tokensApi } from '../../functions/tokens.ts';
import { usersApi } from '../../functions/users.ts';
import type { DeployedFunction } from '../../infra/build/bundle.ts';
import { createTables } from '../../infra/local/process/database.ts';
import { createGateway } from '../../infra/local/gateway/gateway.ts';
import { createIssuer } from '../../infra/local/fakes/issuer.ts';
import { sampleTenants } from '../../infra/local/dev/samples.ts';
import { createLinkRedemptionDeps } from '../../lib/deps/link-redemption-deps.ts';
import { createHttpDeps } from '../../lib/deps/http-deps.ts';
import type { HashingCost } from '../../lib/domain/credentials/hash-password.ts';
import type { createPolicy } from '../../lib/domain/access/policy.ts';
import type { Role } from '../../lib/domain/roles/role.ts';
import type { Tenant } from '../../lib/domain/tenants/tenant.ts';
import { createInviteRequestDeps } from '../../lib/deps/invite-request-deps.ts';
import { pathRoutes } from '../../lib/api/path-routes.ts';
import { createInvitationLinkDeps } from '../../lib/deps/invitation-link-deps.ts';
import { createMailerDeps } from '../../lib/deps/mailer-deps.ts';
import { type Key, keys, outboxIndex } from '../../lib/store/keys.ts';
import { createTenant } from '../../lib/store/tenants/create-tenant.ts';
import { createTokenDeps } from '../../lib/deps/token-deps.ts';
import { assertDocumented } from './openapi-assert.ts';
import { closeAfterFile } from './cleanup.ts';
import { listWrites } from './database-client.ts';
import { assertGranted, withGrants } from './granted.ts';

/** The sample tenants of `npm start`: `acme` and `globex` have their own names, `north` and `south` share one space. */
export const tenantId = Object.fromEntries(
  sampleTenants.map(({ slug, tenantId }) => [slug, tenantId]),
) as Record<(typeof sampleTenants)[number]['slug'], string>;
export type TenantSlug = keyof typeof tenantId;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body.
  readonly body: any;
}

export interface Sent {
  readonly token?: string | undefined;
  /** A value that is an array is sent as that many headers. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** An object goes as JSON; text and bytes as they are. */
  readonly body?: unknown;
  readonly host?: string;
  /** Where it comes from. */
  readonly sourceIp?: string;
}

type InviteRequest = Parameters<typeof inviteOnRequest>[0];

interface ServiceOptions {
  /** Over the usual environment of the functions. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  readonly hashingCost?: HashingCost;
  /** How the mails' function waits for SES; not at all unless a test says how. */
  readonly waitUntil?: (timeMs: number) => Promise<void>;
  readonly minRefusalMs?: number;
  readonly policy?: ReturnType<typeof createPolicy>;
  /** Where the service finds its database, when that is not the database itself. */
  readonly databaseEndpoint?: string;
  /** Whether the directory has its index of owed mails, without which it is faster. */
  readonly owedIndex?: boolean;
  /** After how many milliseconds a function is stopped. */
  readonly timeoutMs?: () => number;
}

/** As cheap as Argon2id gets: what is tested with it is not the cost. */
const cheapest: HashingCost = { memory: 8, passes: 1, parallelism: 1 };

/** A token issuer whose key set every service of a test file has by value. */
export const issuer = createIssuer({ issuer: 'http://localhost:4000' });

let standIn: Promise<FakeAws> | undefined;
/** SES, KMS and EventBridge, for all services of a test file. */
export const aws = (): Promise<FakeAws> => (standIn ??= startStandIn());

function startStandIn(): Promise<FakeAws> {
  const started = startFakeAws();
  closeAfterFile(async () => {
    standIn = undefined;
    await (await started).close();
  });
  return started;
}

/** The whole service on tables of its own, with the sample tenants, behind an API Gateway in this process. */
export async function aService(options: ServiceOptions = {}) {
  const name = `t${randomUUID()}`;
  const directory = `${name}-directory`;
  const secrets = `${name}-secrets`;
  const client = new DynamoDBClient({ endpoint: inject('databaseEndpoint') });
  // It copies every table that is read for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');
  const items = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  await createTables(client, [table(directory, options.owedIndex), table(secrets)]);
  for (const sample of sampleTenants) {
    await createTenant(
      { client: items, directory, secrets },
      {
        ...sample,
        origin: 'https://example.com',
        status: 'active',
        locale: 'en',
        createdAt: '2026-01-01T00:00:00.000Z',
      },
    );
  }

  const environment = {
    DIRECTORY_TABLE: directory,
    SECRETS_TABLE: secrets,
    ISSUERS: JSON.stringify([issuer.settings]),
    TENANT_HOST_SUFFIX: 'admin.localhost',
    LINK_KEYS: JSON.stringify([{ id: '1', key: 'arn:aws:kms:local:000000000000:key/1' }]),
    SIGNING_KEYS: JSON.stringify({ current: 'arn:aws:kms:local:000000000000:key/current' }),
    OWN_ISSUER: JSON.stringify({
      issuer: 'https://roster.example.com',
      audience: 'https://roster.example.com',
    }),
    MAIL_FROM: 'roster@example.com',
    MAIL_SENDERS:
      'roster@example.com,initech.example,acme.example,xn--bcher-kva.example,hello@one.example',
    EVENT_BUS: 'roster',
    // So that what is sent for a call depends on nothing but the call.
    TENANT_REQUESTS_PER_SECOND: '1000000',
    TENANT_UNITS_PER_SECOND: '1000000',
    ...(await aws()).environment,
    AWS_ENDPOINT_URL_DYNAMODB: options.databaseEndpoint ?? inject('databaseEndpoint'),
    ...options.environment,
  };
  const replacements = {
    hashingCost: cheapest,
    minRefusalMs: 0,
    waitUntil: async () => {},
    ...options,
  };
  /** One per function, as on Lambda: functions share no caches. */
  const deps = () => createHttpDeps(environment, replacements);
  const tokenDeps = () => createTokenDeps(environment, replacements);
  /** The same, with the rights that it has when deployed. */
  const granted =
    <Input, Output>(
      name: DeployedFunction,
      handler: (event: Input, context: Context) => Promise<Output>,
    ) =>
    (event: Input, context: Context): Promise<Output> =>
      withGrants(name, () => handler(event, context)).finally(assertGranted);
  const invitation = granted('mailer', createMailer(createMailerDeps(environment, replacements)));
  const eventDeps = createInviteRequestDeps(environment, replacements);
  const inviteRequest = granted('invite-requests', (event: InviteRequest, called) =>
    inviteOnRequest(event, called, eventDeps),
  );
  const functions = {
    tokens: tokensApi(tokenDeps()),
    users: usersApi(deps()),
    passwords: passwordsApi(deps()),
    tenants: tenantsApi(deps()),
    documents: documentsApi(join(import.meta.dirname, '../../lib/api/documents')),
    'link-redemption': linkRedemptionApi(createLinkRedemptionDeps(environment, replacements)),
    'invitation-links': invitationLinksApi(createInvitationLinkDeps(environment, replacements)),
    'app-clients': appClientsApi(deps()),
    'sign-in': signInApi(tokenDeps()),
  } as const;
  const context = () =>
    ({ getRemainingTimeInMillis: options.timeoutMs ?? (() => 60_000) }) as Context;
  const failures: unknown[] = [];
  const gateway = createGateway({
    routes: pathRoutes.map((row) => ({
      routeKey: row.routeKey,
      target: {
        name: row.function,
        handler: ((event: never, called: never) =>
          withGrants(row.function, () =>
            (functions[row.function] as (event: never, called: never) => unknown)(event, called),
          )) as never,
        get timeoutMs() {
          return options.timeoutMs?.() ?? 10_000;
        },
        memoryMb: 1769,
      },
    })),
    onFailure: (_name, error) => failures.push(error),
  });

  /** Sends one HTTP request; every answer is held against the OpenAPI document. */
  async function send(
    method: string,
    target: string,
    { token, headers = {}, body, host = 'localhost', sourceIp = '127.0.0.1' }: Sent = {},
  ): Promise<Answer> {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const all = {
      host,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(!isRaw && { 'content-type': 'application/json' }),
      ...headers,
    };
    const answer = await gateway({
      method,
      target,
      headers: Object.entries(all).flatMap(([header, value]) =>
        [value].flat().map((single): [string, string] => [header, single]),
      ),
      body: Buffer.from(isRaw ? (body ?? '') : JSON.stringify(body)),
      sourceIp,
      port: 4000,
      protocol: 'HTTP/1.1',
    });
    assertGranted();
    if (failures.length > 0) throw failures.pop();
    const text = answer.body.toString();
    const sent: Answer = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text,
      body:
        text !== '' &&
        Object.fromEntries(answer.headers)['content-type']?.startsWith('application/json')
          ? JSON.parse(text)
          : undefined,
    };
    assertDocumented(method, target, sent);
    return sent;
  }

  const stored = {
    client: items,
    directory,
    secrets,
    item: async (key: Key, of = directory) =>
      (await items.send(new GetCommand({ TableName: of, Key: { ...key }, ConsistentRead: true })))
        .Item,
    put: async (item: Record<string, unknown>, of = directory) =>
      void (await items.send(new PutCommand({ TableName: of, Item: item }))),
    /** Keys of the items written so far. */
    writes: (of = directory): readonly string[] => listWrites(of),
    all: async (of = directory) =>
      (
        await Array.fromAsync(
          paginateScan({ client: items }, { TableName: of, ConsistentRead: true }),
        )
      ).flatMap(({ Items = [] }) => Items),
  };
  /** What the stream would hand to the mails' function: a record for each user, and each address, that is owed one. */
  const owedRecords = async (): Promise<DynamoDBRecord[]> => {
    // Only the keys, of what is due: a scan of everything takes most of the time of a test.
    const due = {
      TableName: directory,
      ConsistentRead: true,
      FilterExpression: 'attribute_exists(dueAt)',
      ProjectionExpression: 'pk, sk',
    };
    const pages = await Array.fromAsync(paginateScan({ client: items }, due));
    return pages
      .flatMap(({ Items = [] }) => Items)
      .filter(({ sk }) => /^(USER|RESET|NOTICE#\d+)$/.test(sk))
      .map(({ pk, sk }, index) => ({
        eventName: 'INSERT',
        dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: String(index + 1) },
      }));
  };

  return {
    send,
    /** Environment of its functions. */
    environment,
    /** The functions that events are for; each answers what Lambda would get. */
    on: {
      records: async (records: DynamoDBRecord[]) =>
        (await invitation({ Records: records }, context())) as DynamoDBBatchResponse,
      sweep: async () =>
        void (await invitation(
          { source: 'aws.events', 'detail-type': 'Scheduled Event' } as never,
          context(),
        )),
      mailEvent: async (event: object) => void (await invitation(event as never, context())),
      inviteRequest: async (event: object) => inviteRequest(event as InviteRequest, context()),
    },
    owedRecords,
    /** Hands everything that is owed to the mails' function, as the stream does, and returns the mails of the file so far. */
    delivers: async () => {
      await invitation({ Records: await owedRecords() }, context());
      return (await aws()).mailbox.mails;
    },
    posts: (target: string, body: unknown, sent: Sent = {}) =>
      send('POST', target, { ...sent, body }),
    gets: (target: string, sent: Sent = {}) => send('GET', target, sent),
    /** What lies in the tables: for what no answer shows. */
    stored,
    /** A role of the tenant's own, whoever made it. */
    hasRole: async (slug: TenantSlug, role: Role) => {
      const custom = {
        tenantId: tenantId[slug],
        version: 1,
        createdAt: '2026-01-01T00:00:00.000Z',
        createdBy: 'somebody',
        ...role,
      };
      const Item = { ...keys.role(tenantId[slug], role.slug), ...custom, schemaVersion: 2 };
      await items.send(new PutCommand({ TableName: directory, Item }));
    },
    /** The tenant as it is, but for these. */
    hasTenant: async (slug: TenantSlug, changes: Partial<Tenant>) => {
      const key = keys.tenant(tenantId[slug]);
      const { Item } = await items.send(
        new GetCommand({ TableName: directory, Key: { ...key }, ConsistentRead: true }),
      );
      await items.send(new PutCommand({ TableName: directory, Item: { ...Item, ...changes } }));
    },
  };
}

export type Service = Awaited<ReturnType<typeof aService>>;

/** A token for somebody with these roles in a tenant. */
export const aTokenOf = (slug: TenantSlug, roles: readonly string[], sub = 'somebody'): string =>
  issuer.mintAccessToken({ sub, tenantId: tenantId[slug], roles });

/** A token for an administrator of a tenant. */
export const anAdminOf = (slug: TenantSlug): string =>
  aTokenOf(slug, ['admin'], `admin-of-${slug}`);

/** A token for a system administrator, who belongs to a tenant or to none. */
export const aSystemAdministrator = (slug?: TenantSlug): string =>
  issuer.mintAccessToken({
    sub: 'system',
    ...(slug && { tenantId: tenantId[slug] }),
    roles: ['system_admin'],
  });

const table = (TableName: string, isIndexed = false) => {
  const { name, partition, sort } = outboxIndex;
  const key = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const index = {
    IndexName: name,
    KeySchema: key(partition, sort),
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  };
  return {
    create: {
      TableName,
      BillingMode: 'PAY_PER_REQUEST' as const,
      AttributeDefinitions: ['pk', 'sk', ...(isIndexed ? [partition, sort] : [])].map(
        (AttributeName) => ({
          AttributeName,
          AttributeType: 'S' as const,
        }),
      ),
      KeySchema: key('pk', 'sk'),
      ...(isIndexed && { GlobalSecondaryIndexes: [index] }),
    },
  };
};
