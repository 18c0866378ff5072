/** Service under test: requests and events through the front door, and the tables behind it. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import type { DeployedFunction } from '../../infra/build/bundle.ts';
import { sampleTenants } from '../../infra/local/dev/samples.ts';
import { type FakeAws, startFakeAws } from '../../infra/local/fakes/fake-aws.ts';
import { createIssuer } from '../../infra/local/fakes/issuer.ts';
import { createGateway } from '../../infra/local/gateway/gateway.ts';
import { listPathRoutes } from '../../lib/api/path-routes.ts';
import type { CheckpointSummary } from '../../lib/domain/checkpoints/take-checkpoint.ts';
import type { HashingCost } from '../../lib/domain/credentials/hash-password.ts';
import type { TxtAnswer } from '../../lib/domain/domains/dns-record.ts';
import type { Role } from '../../lib/domain/roles/role.ts';
import type { Tenant } from '../../lib/domain/tenants/tenant.ts';
import type { LookUpAddresses } from '../../lib/domain/webhooks/public-address.ts';
import {
  type TestRequest as WebhookTestRequest,
  testRequestType,
} from '../../lib/domain/webhooks/test-request.ts';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { keys } from '../../lib/store/keys.ts';
import { closeAfterFile } from './cleanup.ts';
import { createTestFunctions, type Overrides } from './functions.ts';
import { assertGranted } from './database/granted.ts';
import { assertDocumented } from './openapi-assert.ts';
import { createTestTables } from './database/tables.ts';
import { createStreamReader, readFeed, sequencerBatchSize } from './feed/read-feed.ts';

/**
 * Sample tenants of `npm start`. `acme` and `globex` have their own identifier spaces, `north` and
 * `south` share one.
 */
export const tenantId = Object.fromEntries(
  sampleTenants.map(({ slug, tenantId }) => [slug, tenantId]),
) as Record<(typeof sampleTenants)[number]['slug'], string>;
export type TenantSlug = keyof typeof tenantId;

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Body of an image. */
  readonly bytes?: Buffer;
  // Each test asserts the shape of its response.
  readonly body: any;
}

export interface TestRequest {
  readonly token?: string | undefined;
  /** An array is sent as several headers. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Objects are sent as JSON, strings and bytes unchanged. */
  readonly body?: unknown;
  readonly host?: string;
  /** Client address. */
  readonly sourceIp?: string;
}

/** By default the mailer does not wait between sends, and rejected sign-ins are not delayed. */
interface ServiceOptions extends Overrides {
  /** Overrides of the default environment. Undefined removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Endpoint of the database, if requests use a proxy. */
  readonly databaseEndpoint?: string;
  /** Creates the outbox index, without which writes are faster. */
  readonly hasOutboxIndex?: boolean;
  /** Creates the stream, which `numberChanges` reads. */
  readonly hasStream?: boolean;
  /** Timeout of the functions in ms. */
  readonly timeoutMs?: () => number;
}

/** Cheapest Argon2id, because the tests do not depend on the cost. */
const cheapest: HashingCost = { memory: 8, passes: 1, parallelism: 1 };

/** Token issuer of all services in a test file, with an inline key set. */
export const issuer = createIssuer({ issuer: 'http://localhost:4000' });

let standIn: Promise<FakeAws> | undefined;
/** Fakes of SES, KMS and EventBridge for all services of a test file. */
export const aws = (): Promise<FakeAws> => (standIn ??= startStandIn());

function startStandIn(): Promise<FakeAws> {
  const started = startFakeAws();
  closeAfterFile(async () => {
    standIn = undefined;
    await (await started).close();
  });
  return started;
}

/**
 * Creates a complete service on its own tables, with the sample tenants, behind a local API
 * Gateway.
 */
export async function createTestService(options: ServiceOptions = {}) {
  const { hasOutboxIndex = false, hasStream = false } = options;
  const stored = await createTestTables({ hasOutboxIndex, hasStream });
  const { client, directory, secrets } = stored;
  const environment = {
    DIRECTORY_TABLE: directory,
    SECRETS_TABLE: secrets,
    ISSUERS: JSON.stringify([issuer.settings]),
    TENANT_HOST_SUFFIX: 'admin.localhost',
    LINK_KEYS: JSON.stringify([{ id: '1', key: 'arn:aws:kms:local:000000000000:key/1' }]),
    WEBHOOK_PORTS: '[443,8443]',
    API_ENDPOINT: 'https://a1b2c3.execute-api.eu-central-1.amazonaws.com',
    WEBHOOK_KEYS: JSON.stringify([
      { id: '1', key: 'arn:aws:kms:local:000000000000:key/webhook-1' },
    ]),
    SIGNING_KEYS: JSON.stringify({ current: 'arn:aws:kms:local:000000000000:key/current' }),
    OWN_ISSUER: JSON.stringify({
      issuer: 'https://roster.example.com',
      audience: 'https://roster.example.com',
    }),
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    CHECKPOINT_KEY: 'arn:aws:kms:local:000000000000:key/checkpoint',
    MAIL_FROM: 'roster@example.com',
    MAIL_SENDERS:
      'roster@example.com,initech.example,acme.example,xn--bcher-kva.example,hello@one.example',
    EVENT_BUS: 'roster',
    // High limits, so requests of a test do not affect each other.
    MAILS_PER_SECOND: '1000000',
    TENANT_REQUESTS_PER_SECOND: '1000000',
    TENANT_UNITS_PER_SECOND: '1000000',
    ...(await aws()).environment,
    AWS_ENDPOINT_URL_DYNAMODB: options.databaseEndpoint ?? inject('databaseEndpoint'),
    ...options.environment,
  };
  /** TXT records by name. */
  const dnsRecords = new Map<string, TxtAnswer>();
  /** Addresses by name. Other names have a public one. */
  const dnsAddresses = new Map<string, Awaited<ReturnType<LookUpAddresses>>>();
  const overrides: Overrides = {
    hashingCost: cheapest,
    minRejectionMs: 0,
    // No test depends on the speed of the machine.
    maxDenialMs: 10_000,
    memberRate: 1_000_000,
    waitUntil: async () => {},
    lookUpTxt: async (name) => [dnsRecords.get(name) ?? []],
    lookUpAddresses: async (name) => dnsAddresses.get(name) ?? ['1.1.1.1'],
    ...options,
  };
  const invoke = createTestFunctions(environment, overrides);
  const context = () =>
    ({ getRemainingTimeInMillis: options.timeoutMs ?? (() => 60_000) }) as Context;
  const failures: unknown[] = [];
  const gateway = createGateway({
    routes: listPathRoutes().map((row) => ({
      routeKey: row.routeKey,
      target: {
        name: row.function,
        handler: (event, called) => invoke(row.function, event, called) as never,
        get timeoutMs() {
          return options.timeoutMs?.() ?? 60_000;
        },
        memoryMb: 1769,
      },
    })),
    onFailure: (_name, error) => failures.push(error),
  });

  /** Sends an HTTP request and checks the response against the OpenAPI document. */
  async function send(
    method: string,
    target: string,
    { token, headers = {}, body, host = 'localhost', sourceIp = '127.0.0.1' }: TestRequest = {},
  ): Promise<TestResponse> {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const allHeaders = {
      host,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(!isRaw && { 'content-type': 'application/json' }),
      ...headers,
    };
    const answer = await gateway({
      method,
      target,
      headers: Object.entries(allHeaders).flatMap(([header, value]) =>
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
    const sent: TestResponse = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text,
      bytes: Buffer.from(answer.body),
      body:
        text !== '' &&
        /^application\/(scim\+)?json\b/.test(
          Object.fromEntries(answer.headers)['content-type'] ?? '',
        )
          ? JSON.parse(text)
          : undefined,
    };
    assertDocumented(method, target, sent);
    return sent;
  }

  /** Delivers an event and returns the result of the function. */
  const deliver = async (name: DeployedFunction, event: object): Promise<unknown> => {
    try {
      return await invoke(name, event, context());
    } finally {
      assertGranted();
    }
  };

  const readNewRecords = createStreamReader(directory);
  const sequence = async (records: readonly DynamoDBRecord[]) =>
    (await deliver('sequencer', { Records: records })) as DynamoDBBatchResponse;

  return {
    send,
    /** Environment of the functions. */
    environment,
    dnsRecords,
    dnsAddresses,
    /** Event functions. Each returns the result that Lambda receives. */
    on: {
      records: async (records: DynamoDBRecord[]) =>
        (await deliver('mailer', { Records: records })) as DynamoDBBatchResponse,
      /** Numbers the changes of stream records. */
      changes: sequence,
      sweep: async () =>
        void (await deliver('mailer', { source: 'aws.events', 'detail-type': 'Scheduled Event' })),
      domainChecks: async () =>
        void (await deliver('domain-checks', {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
        })),
      groupCleanup: async () =>
        void (await deliver('group-cleanup', {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
        })),
      checkpoint: async () =>
        (await deliver('checkpoints', {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
        })) as CheckpointSummary,
      tenantErasure: async () =>
        void (await deliver('tenant-erasure', {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
        })),
      /** Announces new events of a tenant to its webhooks. */
      feedAdvanced: async (id: string) =>
        void (await deliver('webhook-delivery', {
          source: 'roster',
          'detail-type': 'Feed Advanced',
          detail: { tenantId: id, sequence: 1 },
        })),
      webhookTest: async (detail: WebhookTestRequest) =>
        void (await deliver('webhook-delivery', {
          source: 'roster',
          'detail-type': testRequestType,
          detail,
        })),
      webhookSweep: async () =>
        void (await deliver('webhook-delivery', {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
        })),
      mailEvent: async (event: object) => void (await deliver('mailer', event)),
      feedExport: async (event?: object) =>
        void (await deliver(
          'feed-export',
          event ?? { source: 'aws.events', 'detail-type': 'Scheduled Event' },
        )),
      inviteRequest: async (event: object) => void (await deliver('invite-requests', event)),
    },
    listPendingRecords: stored.pendingMail,
    /**
     * Stream records since the last call that the sequencer receives. The service needs `hasStream`.
     */
    readNewRecords,
    /** Numbers all changes since the last call, in batches as the stream delivers them. */
    numberChanges: async () => {
      const records = await readNewRecords();
      for (let start = 0; start < records.length; start += sequencerBatchSize) {
        const { batchItemFailures } = await sequence(
          records.slice(start, start + sequencerBatchSize),
        );
        if (batchItemFailures.length > 0) throw new Error('Not all changes have a number');
      }
    },
    /** Reads the events of a tenant, oldest first. */
    readFeed: (slug: TenantSlug) => readFeed(stored, tenantId[slug]),
    /** Delivers all pending mail, like the stream, and returns the mails of the test file. */
    deliverPendingMail: async () => {
      await deliver('mailer', { Records: await stored.pendingMail() });
      return (await aws()).mailbox.mails;
    },
    post: (target: string, body: unknown, sent: TestRequest = {}) =>
      send('POST', target, { ...sent, body }),
    get: (target: string, sent: TestRequest = {}) => send('GET', target, sent),
    /** Stored items, for checks beyond responses. */
    stored,
    /** Writes a custom role of the tenant. */
    putRole: async (slug: TenantSlug, role: Role) => {
      const custom = {
        tenantId: tenantId[slug],
        version: 1,
        createdAt: '2026-01-01T00:00:00.000Z',
        createdBy: 'somebody',
        ...role,
      };
      const Item = { ...keys.role(tenantId[slug], role.slug), ...custom, schemaVersion };
      await client.send(new PutCommand({ TableName: directory, Item }));
    },
    /** Replaces attributes of the tenant item. */
    updateTenantItem: async (slug: TenantSlug, changes: Partial<Tenant>) => {
      const key = keys.tenant(tenantId[slug]);
      const { Item } = await client.send(
        new GetCommand({ TableName: directory, Key: { ...key }, ConsistentRead: true }),
      );
      await client.send(new PutCommand({ TableName: directory, Item: { ...Item, ...changes } }));
    },
  };
}

export type Service = Awaited<ReturnType<typeof createTestService>>;

type Subject = Parameters<typeof issuer.mintAccessToken>[0];
const tokens = new Map<string, string>();

/** Returns the same token for a minute, because signing and verifying one takes 0.3 ms. */
function mintToken(subject: Subject): string {
  const key = JSON.stringify([Math.floor(Date.now() / 60_000), subject]);
  const token = tokens.get(key) ?? issuer.mintAccessToken(subject);
  tokens.set(key, token);
  return token;
}

/** Token of a caller with these roles in a tenant. */
export const userToken = (slug: TenantSlug, roles: readonly string[], sub = 'somebody'): string =>
  mintToken({ sub, tenantId: tenantId[slug], roles });

/** Token of a tenant administrator. */
export const adminToken = (slug: TenantSlug): string =>
  userToken(slug, ['admin'], `admin-of-${slug}`);

/** Token of a system administrator, with or without a tenant. */
export const systemToken = (slug?: TenantSlug): string =>
  mintToken({
    sub: 'system',
    ...(slug && { tenantId: tenantId[slug] }),
    roles: ['system_admin'],
  });
