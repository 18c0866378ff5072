import {
  connectionKeys,
  deletedGroupShard,
  keys,
  mailCounterKeys,
  memberJobShard,
  webhookKeys,
} from '../../lib/store/keys.ts';
import type { DeployedFunction } from '../build/bundle.ts';
import { listConsumers } from './consumer-table.ts';

/**
 * Resource that a function uses. `outbox` is the index of the directory table, `mail` sends with
 * any verified identity.
 */
export type Resource =
  | 'directory'
  | 'outbox'
  | 'secrets'
  | 'linkKeys'
  | 'webhookKeys'
  | 'mail'
  | 'archive'
  | 'checkpoints'
  | 'checkpointKey'
  | 'eventBus'
  | 'archivedEvents'
  | 'signingKeys';

/**
 * Resource that Lambda uses with the role of a function: to read its events and to save failed
 * ones.
 */
export type ServiceResource = 'stream' | 'failures' | 'failureRecords';

/**
 * Actions on one resource. `partitions` limits table actions to partition keys, with `*` for any
 * text and `?` for one character. `attributes` limits updates to attributes, including those of keys
 * and conditions. One statement covers all table actions of a transaction, because DynamoDB does not
 * document whether it checks the condition for each item or for all of them.
 */
export interface Statement<Target = Resource> {
  readonly on: Target;
  readonly actions: readonly string[];
  readonly partitions?: readonly string[];
  readonly attributes?: readonly string[];
}

/** Size and rights of a function. */
export interface Grant {
  /** In MB. */
  readonly memorySize: number;
  /** In seconds. */
  readonly timeout: number;
  readonly statements: readonly Statement[];
}

// 1769 MB is one vCPU. Hashing and cold starts are CPU-bound: at 512 MB they are three times slower
// and no cheaper. Deadlines end a call within 10 s, well before the 30 s of the gateway.
const oneVcpu = { memorySize: 1769, timeout: 10 };

/**
 * Matches a tenant ID without the following `#`, so the partition of a tenant does not include its
 * users.
 */
const tenant = '?'.repeat(36);

/** Partitions of the directory table. */
const at = {
  /** Tenant, roles and app clients. */
  tenant: keys.tenant(tenant).pk,
  /** User list, and claims of users. */
  users: keys.emailClaim(tenant, '').pk,
  user: keys.user(tenant, '*').pk,
  userActivity: keys.userActivity(tenant, '*').pk,
  tenantActivity: keys.tenantActivity(tenant, '').pk,
  answer: keys.idempotencyRecord(tenant, '*').pk,
  formerIdentity: keys.formerIdentity(tenant, '*').pk,
  erasures: keys.erasure(tenant, '', '').pk,
  appClient: keys.appClientLastUse(tenant, '*').pk,
  role: keys.roleChange(tenant, '*', 0).pk,
  roleCount: keys.roleCount(tenant).pk,
  /** Groups, and claims of their names. */
  groups: keys.groupCount(tenant).pk,
  group: keys.groupChange(tenant, '*', 0).pk,
  tenantChange: keys.tenantChange(tenant, 0).pk,
  logo: keys.logo(tenant).pk,
  reset: keys.passwordReset(tenant, '*').pk,
  requests: keys.requestCounter(tenant, 0).pk,
  mails: mailCounterKeys.tenantMailCounter(tenant, '').pk,
  recipient: mailCounterKeys.recipientMailCounter('*', '').pk,
  notices: mailCounterKeys.noticeCounter(tenant, '*', '').pk,
  attempts: keys.attemptCounter('*', 0).pk,
  feed: keys.feedAnchor(tenant).pk,
  /** Versions up to which the feed has the changes of entities. */
  numbered: keys.numberedVersion(tenant, 'USER', '*').pk.replace('USER', '*'),
  /** Webhooks of a tenant, and their number. */
  webhooks: webhookKeys.webhookCount(tenant).pk,
  webhook: webhookKeys.webhookChange(tenant, '*', 0).pk,
  sink: keys.sink(tenant, '*').pk,
  /** Change records and log of a SCIM connection. Connections are beside their app clients. */
  connection: connectionKeys.connectionChange(tenant, '*', 0).pk,
  slug: keys.slugClaim('*').pk,
  client: keys.clientIdClaim('*').pk,
  tenants: keys.tenantListEntry('').pk,
  /** Domains of a tenant, and their number. */
  tenantDomains: keys.domain(tenant, '').pk,
  domain: keys.domainChange(tenant, '*', 0).pk,
  domainClaims: keys.domainClaim('').pk,
  systemEmail: keys.systemEmailClaim('*').pk,
  systemUserName: keys.systemUserNameClaim('*').pk,
} as const;

/** Partitions of a tenant, except the list of users and items that expire. */
const tenantPartitions = [
  at.tenant,
  at.user,
  at.erasures,
  at.appClient,
  at.groups,
  at.group,
  at.role,
  at.roleCount,
  at.tenantDomains,
  at.domain,
  at.webhooks,
  at.webhook,
  at.sink,
  at.connection,
  at.tenantChange,
  at.userActivity,
  at.tenantActivity,
];

const [get, batchGet, query] = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const [put, update, remove] = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const directory = (partitions: readonly string[], ...actions: string[]): Statement => ({
  on: 'directory',
  actions,
  partitions,
});
const secrets = (partition: string, ...actions: string[]): Statement => ({
  on: 'secrets',
  actions,
  partitions: [partition],
});

/**
 * Key for attempt counters, cursors and idempotency records. Only the tenants function writes it.
 */
const deploymentKey = keys.deploymentKey.pk;
const userSecret = keys.userSecret(tenant, '*').pk;
const appClientSecret = keys.appClientSecret(tenant, '*', '').pk;

/**
 * Authenticates a caller by API key or token, finds the tenant of a host, and records requests,
 * last use and denials.
 */
const callerPartitions = [at.tenant, at.user, at.appClient, at.client, at.slug];
const authenticationAccess: readonly Statement[] = [
  secrets(appClientSecret, query),
  { on: 'signingKeys', actions: ['kms:GetPublicKey'] },
  directory([at.requests], update),
  directory([at.appClient], put),
  // Denied requests, and reads that are events.
  directory([at.tenantActivity], update),
];

const deadLetterAccess: readonly Statement<ServiceResource>[] = [
  { on: 'failures', actions: ['s3:ListBucket'] },
  { on: 'failureRecords', actions: ['s3:PutObject'] },
];

const streamAccess: Statement<ServiceResource> = {
  on: 'stream',
  actions: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
  ],
};

/** Lists what Lambda needs to invoke a function with events and to save failed events. */
export const listDeliveryAccess = (name: DeployedFunction): readonly Statement<ServiceResource>[] =>
  listConsumers().flatMap(([consumer, { stream }]) =>
    consumer === name ? [...(stream ? [streamAccess] : []), ...deadLetterAccess] : [],
  );

/**
 * Exact rights of each function. A test compares them with the requests that the functions send.
 */
export const grants: Readonly<Record<DeployedFunction, Grant>> = {
  users: {
    ...oneVcpu,
    statements: [
      directory(
        [...callerPartitions, at.users, at.answer, at.erasures, at.systemEmail, at.systemUserName],
        get,
        batchGet,
        query,
      ),
      directory([at.userActivity], query),
      directory(
        [
          at.users,
          at.user,
          at.answer,
          at.formerIdentity,
          at.erasures,
          at.systemEmail,
          at.systemUserName,
        ],
        put,
        update,
        remove,
      ),
      // An erasure removes the items of one user in batches, and the user from each group.
      directory([at.user, at.userActivity, at.connection], 'dynamodb:BatchWriteItem'),
      directory([at.group], update, remove),
      // Hashes are written and deleted with their user, and never read here.
      secrets(userSecret, put, remove),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // A request creates or updates 100 users. Without an answer within 30 s, the gateway would respond.
  'bulk-users': {
    ...oneVcpu,
    timeout: 25,
    statements: [
      directory(
        [
          ...callerPartitions,
          at.users,
          at.answer,
          at.systemEmail,
          at.systemUserName,
          // Names of groups, and requests of SCIM connections, in an export.
          at.groups,
          at.connection,
        ],
        get,
        batchGet,
        query,
      ),
      // Exports contain sign-ins.
      directory([at.userActivity], query),
      directory(
        [at.users, at.user, at.answer, at.formerIdentity, at.systemEmail, at.systemUserName],
        put,
        update,
        remove,
      ),
      secrets(userSecret, put),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // The caller's own account and session, and profiles. A deletion releases the claims of the user.
  account: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.users, at.groups], get, batchGet, query),
      directory(
        [at.users, at.user, at.formerIdentity, at.systemEmail, at.systemUserName],
        put,
        update,
        remove,
      ),
      // Hashes subjects of other issuers in events.
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Verifies the current password and hashes the new one. Only this function and sign-in read
  // hashes.
  passwords: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.users], get, query),
      directory([at.users, at.user], put, update),
      directory([at.attempts], update),
      secrets(userSecret, get, put),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Public. Verifies links but cannot sign them, and writes a first password but cannot read one.
  'link-redemption': {
    ...oneVcpu,
    statements: [
      directory(
        [at.tenant, at.users, at.user, at.appClient, at.formerIdentity, at.reset, at.slug],
        get,
        query,
      ),
      // A new email releases the claims of the previous one.
      directory([at.users, at.user, at.systemEmail], put, update, remove),
      directory([at.reset], update),
      directory([at.attempts], update),
      secrets(userSecret, put),
      // Counts link attempts.
      secrets(deploymentKey, get),
      { on: 'linkKeys', actions: ['kms:VerifyMac'] },
    ],
  },
  // Public. Reads hashes, upgrades them, and counts attempts. Of users, it changes only the time of
  // the latest sign-in: a put or a delete is denied. `deletion` is an attribute of tombstones.
  'sign-in': {
    ...oneVcpu,
    statements: [
      directory([at.tenant, at.users, at.user, at.slug], get, query),
      directory([at.domainClaims], get),
      directory([at.attempts], update),
      {
        ...directory([at.user], update, 'dynamodb:ConditionCheckItem'),
        attributes: ['pk', 'sk', 'lastSignInAt', 'deletion'],
      },
      // Sign-ins, and the number of failed ones.
      directory([at.userActivity], put, remove),
      directory([at.tenantActivity], update),
      secrets(userSecret, get, put),
      secrets(deploymentKey, get),
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // The only HTTP function that signs links.
  'invitation-links': {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.users], get, batchGet, query),
      directory([at.users, at.user], put, update),
      secrets(deploymentKey, get),
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      ...authenticationAccess,
    ],
  },
  // Public. Reads client secret hashes and records their last use.
  tokens: {
    ...oneVcpu,
    statements: [
      directory([at.tenant, at.client, at.appClient], get, query),
      directory([at.appClient], put),
      secrets(appClientSecret, query),
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // Secret hashes are written with their app client and never read here. A group token is written
  // with its membership and the claim of its name.
  'app-clients': {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.groups, at.group], get, batchGet, query),
      directory([at.tenant, at.client, at.appClient, at.groups, at.group], put, remove),
      // A revoked app client leaves its groups, which count their members.
      directory([at.appClient], 'dynamodb:BatchWriteItem'),
      directory([at.group], update),
      secrets(appClientSecret, put, update, remove),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Manages tenants and roles. Creates the owner of a new tenant, without a password.
  tenants: {
    ...oneVcpu,
    statements: [
      directory(
        [...callerPartitions, at.users, at.tenants, at.role, at.tenantChange],
        get,
        batchGet,
        query,
      ),
      directory(
        [
          at.tenant,
          at.users,
          at.user,
          at.appClient,
          at.role,
          at.roleCount,
          at.tenantChange,
          at.logo,
          at.tenants,
          at.slug,
          at.client,
          at.systemEmail,
        ],
        put,
        update,
      ),
      // Moves the list entry of a tenant that is deleted or restored.
      directory([at.tenant, at.tenantChange, at.tenants], put, remove),
      secrets(deploymentKey, get, put),
      ...authenticationAccess,
    ],
  },
  // Looks up DNS records, which needs no rights.
  domains: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.tenantDomains, at.domain], get, query),
      directory([at.tenantDomains, at.domain, at.domainClaims], put, update, remove),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Derives secrets, and starts test events by an event. Sends nothing itself, and looks up addresses
  // without rights.
  webhooks: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.webhooks, at.webhook, at.feed], get, query),
      directory([at.webhooks, at.webhook], put, update, remove),
      // A replay moves the delivery back, and a deletion removes its state.
      directory([at.sink], put, update, remove),
      secrets(deploymentKey, get),
      { on: 'webhookKeys', actions: ['kms:GenerateMac'] },
      { on: 'eventBus', actions: ['events:PutEvents'] },
      ...authenticationAccess,
    ],
  },
  // A connection is written with its app client, whose secret hashes are never read here.
  connections: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.connection], get, batchGet, query),
      directory([at.tenant, at.client, at.appClient, at.connection], put, update, remove),
      // A user whom the connection manages from now on.
      directory([at.users, at.user], put, update),
      // A revoked app client leaves its groups, which count their members.
      directory([at.group], update, remove),
      directory([at.appClient], 'dynamodb:BatchWriteItem'),
      secrets(appClientSecret, put, update, remove),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Writes memberships in the collections of users and app clients, and the roles of groups next to
  // those of the tenant.
  groups: {
    ...oneVcpu,
    statements: [
      directory([...callerPartitions, at.users, at.groups, at.group], get, batchGet, query),
      directory(
        [at.tenant, at.users, at.user, at.appClient, at.groups, at.group],
        'dynamodb:ConditionCheckItem',
        put,
        update,
        remove,
      ),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Provisions users and groups.
  scim: {
    ...oneVcpu,
    timeout: 25,
    statements: [
      directory(
        [
          ...callerPartitions,
          at.users,
          at.groups,
          at.group,
          at.tenantDomains,
          at.connection,
          at.systemEmail,
          at.systemUserName,
        ],
        get,
        batchGet,
        query,
      ),
      directory(
        [
          at.tenant,
          at.users,
          at.user,
          at.formerIdentity,
          at.systemEmail,
          at.systemUserName,
          at.groups,
          at.group,
        ],
        'dynamodb:ConditionCheckItem',
        put,
        update,
        remove,
      ),
      // Brake and page marks of the connection, and its log with pointers in the partitions of users.
      directory([at.connection], put, update),
      directory([at.connection, at.user], 'dynamodb:BatchWriteItem'),
      secrets(userSecret, put),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Reads the feed, and previous values from the change records of all resources.
  feed: {
    ...oneVcpu,
    statements: [
      directory(
        [
          ...callerPartitions,
          at.feed,
          at.group,
          at.role,
          at.domain,
          at.webhook,
          at.connection,
          at.tenantChange,
          at.userActivity,
          at.tenantActivity,
        ],
        get,
        batchGet,
        query,
      ),
      secrets(deploymentKey, get),
      ...authenticationAccess,
    ],
  },
  // Public. Waits for one item, which is an image.
  logos: { memorySize: 512, timeout: 5, statements: [directory([at.logo], get)] },

  // Serves files from its bundle.
  documents: { memorySize: 256, timeout: 5, statements: [] },

  // Reads feeds and signs their heads. Saves the heads in the partitions of the feeds, and can write
  // no events. Can neither replace nor delete checkpoints.
  checkpoints: {
    memorySize: 512,
    timeout: 900,
    statements: [
      directory([at.feed, at.tenants], query),
      {
        ...directory([at.feed], update),
        attributes: ['pk', 'sk', 'sequence', 'hash', 'proof', 'schemaVersion'],
      },
      { on: 'checkpointKey', actions: ['kms:Sign', 'kms:GetPublicKey'] },
      { on: 'checkpoints', actions: ['s3:GetObject', 's3:PutObject'] },
      { on: 'archive', actions: ['s3:ListBucket'] },
    ],
  },
  // Mostly waits for SES and KMS.
  mailer: {
    memorySize: 512,
    timeout: 60,
    statements: [
      directory([at.tenant, at.users, at.user, at.reset, at.webhook], get, query),
      directory([at.user], put, update),
      // Pending mail of a reset and about a webhook, and the mail hold of a tenant.
      directory([at.tenant, at.reset, at.webhook], put),
      // A reset by username becomes one by email.
      directory([at.mails, at.recipient, at.notices, at.reset], update),
      { on: 'outbox', actions: [query], partitions: ['?'] },
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      { on: 'mail', actions: ['ses:SendEmail'] },
    ],
  },
  // Mostly waits for DNS.
  'domain-checks': {
    memorySize: 256,
    timeout: 300,
    statements: [
      directory([at.tenant], get),
      directory([at.tenantDomains, at.domain, at.domainClaims], get, query),
      directory([at.tenantDomains, at.domain, at.domainClaims], put, update, remove),
    ],
  },
  // Changes memberships in the collections of groups and users, and removes those of app clients and
  // the parents of groups.
  'group-cleanup': {
    memorySize: 256,
    timeout: 300,
    statements: [
      directory([at.tenant, at.groups, at.group], get, query),
      directory([at.user, at.group], batchGet),
      directory(
        [at.tenant, at.user, at.groups, at.group],
        'dynamodb:ConditionCheckItem',
        put,
        update,
        remove,
      ),
      directory([at.user, at.appClient, at.group], 'dynamodb:BatchWriteItem'),
      { on: 'outbox', actions: [query], partitions: [deletedGroupShard] },
      { on: 'outbox', actions: [query], partitions: [memberJobShard] },
    ],
  },
  // Removes all items of a tenant, except those that expire. Cannot read password hashes.
  'tenant-erasure': {
    memorySize: 256,
    timeout: 300,
    statements: [
      directory([...tenantPartitions, at.users, at.tenants], get, query),
      directory(tenantPartitions, 'dynamodb:BatchWriteItem'),
      // List entries with the progress, and the record of the erasure.
      directory([at.users, at.tenant, at.tenantChange, at.tenants], put, update, remove),
      directory([at.client, at.systemEmail, at.systemUserName, at.domainClaims], remove),
      secrets(userSecret, 'dynamodb:BatchWriteItem'),
      secrets(appClientSecret, query, 'dynamodb:BatchWriteItem'),
    ],
  },
  // Appends to feeds. Reads the records that the stream did not show. The deployment key is for IDs of
  // events and hashes of subjects.
  sequencer: {
    memorySize: 512,
    timeout: 60,
    statements: [
      directory([at.feed], query),
      directory([at.numbered], batchGet),
      directory([at.user], get),
      directory(
        [
          at.user,
          at.group,
          at.role,
          at.appClient,
          at.domain,
          at.webhook,
          at.connection,
          at.tenantChange,
        ],
        query,
      ),
      directory([at.feed, at.numbered], put, update),
      secrets(deploymentKey, get),
      { on: 'eventBus', actions: ['events:PutEvents'] },
    ],
  },
  // Mostly waits for endpoints. Changes the status of webhooks, and cannot read what events are about.
  'webhook-delivery': {
    memorySize: 256,
    timeout: 120,
    statements: [
      directory([at.feed], query),
      directory([at.webhooks], get, query),
      // The status of the tenant.
      directory([at.sink, at.tenant], get),
      directory([at.webhooks, at.webhook, at.sink], put),
      directory([at.webhook], 'dynamodb:BatchWriteItem'),
      directory([at.sink], update, remove),
      { on: 'outbox', actions: [query], partitions: ['WEBHOOKS'] },
      { on: 'webhookKeys', actions: ['kms:GenerateMac'] },
    ],
  },
  // Reads the feeds of all tenants, and cannot read, replace or delete archived events.
  'feed-export': {
    memorySize: 256,
    timeout: 60,
    statements: [
      directory([at.feed, at.tenants, at.webhooks], query),
      directory([at.sink], get, put, update),
      { on: 'outbox', actions: [query], partitions: ['EXPORTS'] },
      { on: 'eventBus', actions: ['events:PutEvents'] },
      { on: 'archivedEvents', actions: ['s3:PutObject'] },
    ],
  },
  // Creates users like `users`, and reports the outcome.
  'invite-requests': {
    ...oneVcpu,
    statements: [
      directory(
        [at.tenant, at.users, at.appClient, at.answer, at.systemEmail, at.systemUserName],
        get,
        query,
      ),
      directory([at.users, at.user, at.answer, at.systemEmail, at.systemUserName], put),
      secrets(deploymentKey, get),
      { on: 'eventBus', actions: ['events:PutEvents'] },
    ],
  },
};
