import { keys } from '../lib/store/keys.ts';
import type { Deployed } from './bundle.ts';

/** What a function may act on. `owed` is the index of the directory, `mail` sending mails as anybody whom SES has verified. */
export type Operated = 'directory' | 'owed' | 'secrets' | 'linkKeys' | 'mail' | 'eventBus' | 'signingKeys';

/** What Lambda itself acts on in a function's name: to bring it its events, and to put away those that it failed at. */
export type Delivered = 'stream' | 'failures' | 'failureRecords';

/** Actions on one thing; with `partition` on the items of a table under that partition key alone, in which `*` stands for any text. */
export interface Allowance<Resource = Operated> {
  readonly on: Resource;
  readonly actions: readonly string[];
  readonly partition?: string;
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

// Cursors and repeated creates are sealed with the deployment's own key, which lies beside the hashes.
const deploymentKey = { on: 'secrets', partition: keys.deploymentKey.pk } as const;

// Who calls may have an API key, whose hash lies beside those of passwords, or a token of Roster's own.
const appClientSecrets: Allowance = {
  on: 'secrets',
  actions: ['dynamodb:Query'],
  partition: keys.appClientSecret('*', '*', '').pk,
};
const admits: readonly Allowance[] = [
  appClientSecrets,
  { on: 'signingKeys', actions: ['kms:GetPublicKey'] },
  // And is counted with their tenant.
  { on: 'directory', actions: ['dynamodb:UpdateItem'], partition: keys.requestsOfTenant('*', 0).pk },
];

const keepsFailures: readonly Allowance<Delivered>[] = [
  { on: 'failures', actions: ['s3:ListBucket'] },
  { on: 'failureRecords', actions: ['s3:PutObject'] },
];

/** What each function does, and nothing besides; a test holds it against what they send. */
export const grants: Readonly<Record<Deployed, Grant>> = {
  users: {
    ...wholeProcessor,
    allowances: [
      {
        on: 'directory',
        actions: [
          'dynamodb:GetItem',
          'dynamodb:BatchGetItem',
          'dynamodb:Query',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
        ],
      },
      // An erasure removes the items of one user, in batches.
      { on: 'directory', actions: ['dynamodb:BatchWriteItem'], partition: keys.user('*', '*').pk },
      // A hash is written together with its user and removed with it, and nothing here has a reason to read one.
      { on: 'secrets', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { ...deploymentKey, actions: ['dynamodb:GetItem'] },
      ...admits,
    ],
  },
  // Hashes twice, the password that is and the one that is to be. It and sign-in alone read hashes, and it removes nothing.
  passwords: {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      // Of the deployment the key by which attempts are counted, besides hashes.
      { on: 'secrets', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      ...admits,
    ],
  },
  // Anybody can call it. It can tell a genuine link and make none, and write a first password and read none.
  accept: {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      { on: 'secrets', actions: ['dynamodb:PutItem'] },
      // The key by which uses of links are counted.
      { ...deploymentKey, actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      { on: 'linkKeys', actions: ['kms:VerifyMac'] },
    ],
  },
  // Anybody can call it. It reads hashes, and replaces one by a better one of the same password; it changes no user, and counts attempts.
  'sign-in': {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
      { on: 'directory', actions: ['dynamodb:UpdateItem'], partition: keys.attempts('*', 0).pk },
      { on: 'secrets', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], partition: keys.userSecret('*', '*').pk },
      { ...deploymentKey, actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // Alone among those that somebody calls it makes links.
  links: {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      ...admits,
    ],
  },
  // Anybody can call it. Of secrets it reads those of app clients, and it notes when one was used.
  tokens: {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
      { on: 'directory', actions: ['dynamodb:PutItem'], partition: keys.appClientUse('*', '*').pk },
      appClientSecrets,
      { on: 'signingKeys', actions: ['kms:Sign', 'kms:GetPublicKey'] },
    ],
  },
  // A secret's hash is written together with its app client, and nothing here has a reason to read one.
  'app-clients': {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem'] },
      { ...appClientSecrets, actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'] },
      { ...deploymentKey, actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      ...admits,
    ],
  },
  // Manages tenants with their roles, and makes the owner of a new one, who comes without a password. The first cursor ever made makes the deployment's key.
  tenants: {
    ...wholeProcessor,
    allowances: [
      {
        on: 'directory',
        actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      },
      { ...deploymentKey, actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      ...admits,
    ],
  },
  // Answers out of its own folder and waits for nobody.
  documents: { memorySize: 256, timeout: 5, allowances: [] },

  // Waits for SES and KMS, again and again for a batch, and computes next to nothing.
  'on-invitation': {
    memorySize: 512,
    timeout: 60,
    allowances: [
      {
        on: 'directory',
        actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'],
      },
      { on: 'owed', actions: ['dynamodb:Query'] },
      { on: 'linkKeys', actions: ['kms:GenerateMac'] },
      { on: 'mail', actions: ['ses:SendEmail'] },
    ],
    delivery: [
      {
        on: 'stream',
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      },
      ...keepsFailures,
    ],
  },
  // Creates users as `users` does, and says what became of it.
  'on-invite-request': {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'] },
      { ...deploymentKey, actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
      { on: 'eventBus', actions: ['events:PutEvents'] },
    ],
    delivery: keepsFailures,
  },
};
