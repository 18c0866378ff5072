import { keys } from '../../lib/store/keys.ts';
import type { DeployedFunction } from '../build/bundle.ts';

/** What a function may act on. `outbox` is the index of the directory, `mail` sending mails as anybody whom SES has verified. */
export type Operated =
  | 'directory'
  | 'outbox'
  | 'secrets'
  | 'linkKeys'
  | 'mail'
  | 'eventBus'
  | 'signingKeys';

/** What Lambda itself acts on in a function's name: to bring it its events, and to put away those that it failed at. */
export type Delivered = 'stream' | 'failures' | 'failureRecords';

/**
 * Actions on one resource. `partitions` limits those on a table to items under these partition keys, in which `*` stands for any text and
 * `?` for one character. All that one transaction does to a table is one allowance, because DynamoDB does not document whether it
 * holds each item or all of them against the condition.
 */
export interface Allowance<Resource = Operated> {
  readonly on: Resource;
  readonly actions: readonly string[];
  readonly partitions?: readonly string[];
}

/** What a function is given: its size, and the only things that it may do. */
export interface Grant {
  /** In MB. */
  readonly memorySize: number;
  /** In seconds. */
  readonly timeout: number;
  readonly allowances: readonly Allowance[];
  readonly delivery?: readonly Allowance<Delivered>[];
}

// 1769 MB is one whole vCPU: hashing a password and starting the policy engine are pure computing, about three times
// slower at 512 MB and no cheaper. A call waits for a key set at most and for a few tries of one transaction, and gives
// up in time to say so; 10 s leaves room for both, well before the gateway's 30 s.
const wholeProcessor = { memorySize: 1769, timeout: 10 };

/** A tenant ID, which ends before the next `#`: the partition of a tenant itself is not that of its users. */
const tenant = '?'.repeat(36);

/** Partitions of the directory. */
const at = {
  /** The tenant, its roles and app clients, and the claims of its users. */
  tenant: keys.tenant(tenant).pk,
  user: keys.user(tenant, '*').pk,
  answer: keys.idempotencyRecord(tenant, '*').pk,
  formerIdentity: keys.formerIdentity(tenant, '*').pk,
  erasures: keys.erasure(tenant, '', '').pk,
  appClient: keys.appClientLastUse(tenant, '*').pk,
  role: keys.roleChange(tenant, '*', 0).pk,
  roleCount: keys.roleCount(tenant).pk,
  tenantChange: keys.tenantChange(tenant, 0).pk,
  reset: keys.passwordReset(tenant, '*').pk,
  requests: keys.requestCounter(tenant, 0).pk,
  mails: keys.tenantMailCounter(tenant, '').pk,
  tenantRecipient: keys.tenantRecipientMailCounter(tenant, '*', '').pk,
  recipient: keys.recipientMailCounter('*', '').pk,
  notices: keys.noticeCounter(tenant, '*', '').pk,
  attempts: keys.attemptCounter('*', 0).pk,
  slug: keys.slugClaim('*').pk,
  client: keys.clientIdClaim('*').pk,
  tenants: keys.tenantListEntry('').pk,
  systemEmail: keys.systemEmailClaim('*').pk,
  systemUserName: keys.systemUserNameClaim('*').pk,
} as const;

const [get, batchGet, query] = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const [put, update, remove] = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const directory = (partitions: readonly string[], ...actions: string[]): Allowance => ({
  on: 'directory',
  actions,
  partitions,
});
const secrets = (partition: string, ...actions: string[]): Allowance => ({
  on: 'secrets',
  actions,
  partitions: [partition],
});

/** Counts attempts, and seals cursors and repeated creates. It lies in the secrets table, and only what creates tenants writes it. */
const deploymentKey = keys.deploymentKey.pk;
const userSecret = keys.userSecret(tenant, '*').pk;
const appClientSecret = keys.appClientSecret(tenant, '*', '').pk;

/** Reads to authenticate a caller, by an API key or by a token of Roster's own, and to find the tenant of a host; and what is noted of them. */
const callerPartitions = [at.tenant, at.user, at.client, at.slug];
const admits: readonly Allowance[] = [
  secrets(appClientSecret, query),
  { on: 'signingKeys', actions: ['kms:GetPublicKey'] },
  directory([at.requests], update),
  directory([at.appClient], put),
];

const keepsFailures: readonly Allowance<Delivered>[] = [
  { on: 'failures', actions: ['s3:ListBucket'] },
  { on: 'failureRecords', actions: ['s3:PutObject'] },
];

/** What each function does, and nothing besides; a test holds it against what they send. */
export const grants: Readonly<Record<DeployedFunction, Grant>> = {
  users: {
    ...wholeProcessor,
    allowances: [
      directory(
        [...callerPartitions, at.answer, at.erasures, at.systemEmail, at.systemUserName],
        get,
        batchGet,
        query,
      ),
      directory(
        [
          at.tenant,
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
      // An erasure removes the items of one user, in batches.
      directory([at.user], 'dynamodb:BatchWriteItem'),
      // A hash is written together with its user and removed with it, and nothing here has a reason to read one.
      secrets(userSecret, put, remove),
      secrets(deploymentKey, get),
      ...admits,
    ],
  },
  // Hashes twice, the password that is and the one that is to be. It and sign-in alone read hashes, and it removes nothing.
  passwords: {
    ...wholeProcessor,
    allowances: [
      directory(callerPartitions, get, query),
      directory([at.user], put, update),
      directory([at.attempts], update),
      secrets(userSecret, get, put),
      secrets(deploymentKey, get),
      ...admits,
    ],
  },
  // Anybody can call it. It can tell a genuine link and make none, and write a first password and read none.
  'link-redemption': {
    ...wholeProcessor,
    allowances: [
      directory([at.tenant, at.user, at.formerIdentity, at.reset, at.slug], get, query),
      directory([at.user], put, update),
      directory([at.reset], update),
      directory([at.attempts], update),
      secrets(userSecret, put),
      // Counts uses of links.
      secrets(deploymentKey, get),
      { on: 'linkKeys', actions: ['kms:VerifyMac'] },
    ],
  },
  // Anybody can call it. It reads hashes, and replaces one by a better one of the same password; it changes no user, and counts attempts.
  'sign-in': {
    ...wholeProcessor,
    allowances: [
      directory([at.tenant, at.user, at.slug], get, query),
      directory([at.attempts], update),
      secrets(userSecret, get, put),
      secrets(deploymentKey, get),
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // Alone among those that somebody calls it makes links.
  'invitation-links': {
    ...wholeProcessor,
    allowances: [
      directory(callerPartitions, get, query),
      directory([at.user], put, update),
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      ...admits,
    ],
  },
  // Anybody can call it. Of secrets it reads those of app clients, and it notes when one was used.
  tokens: {
    ...wholeProcessor,
    allowances: [
      directory([at.tenant, at.client], get, query),
      directory([at.appClient], put),
      secrets(appClientSecret, query),
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // A secret's hash is written together with its app client, and nothing here has a reason to read one.
  'app-clients': {
    ...wholeProcessor,
    allowances: [
      directory([...callerPartitions, at.appClient], get, batchGet, query),
      directory([at.tenant, at.client, at.appClient], put),
      secrets(appClientSecret, put, update, remove),
      secrets(deploymentKey, get),
      ...admits,
    ],
  },
  // Manages tenants with their roles, and makes the owner of a new one, who comes without a password.
  tenants: {
    ...wholeProcessor,
    allowances: [
      directory([...callerPartitions, at.tenants, at.role, at.tenantChange], get, batchGet, query),
      directory(
        [
          at.tenant,
          at.user,
          at.role,
          at.roleCount,
          at.tenantChange,
          at.tenants,
          at.slug,
          at.client,
          at.systemEmail,
        ],
        put,
        update,
      ),
      secrets(deploymentKey, get, put),
      ...admits,
    ],
  },
  // Answers out of its own folder and waits for nobody.
  documents: { memorySize: 256, timeout: 5, allowances: [] },

  // Waits for SES and KMS, again and again for a batch, and computes next to nothing.
  mailer: {
    memorySize: 512,
    timeout: 60,
    allowances: [
      directory([at.tenant, at.user, at.reset], get, query),
      directory([at.user], put, update, 'dynamodb:ConditionCheckItem'),
      // A mail that goes out for a reset, and until when the mails of a tenant are held back.
      directory([at.tenant, at.reset], put),
      directory([at.mails, at.tenantRecipient, at.recipient, at.notices], update),
      { on: 'outbox', actions: [query] },
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      { on: 'mail', actions: ['ses:SendEmail'] },
    ],
    delivery: [
      {
        on: 'stream',
        actions: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
        ],
      },
      ...keepsFailures,
    ],
  },
  // Creates users as `users` does, and says what became of it.
  'invite-requests': {
    ...wholeProcessor,
    allowances: [
      directory([at.tenant, at.answer, at.systemEmail, at.systemUserName], get, query),
      directory([at.tenant, at.user, at.answer, at.systemEmail, at.systemUserName], put),
      secrets(deploymentKey, get),
      { on: 'eventBus', actions: ['events:PutEvents'] },
    ],
    delivery: keepsFailures,
  },
};
