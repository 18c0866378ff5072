import { keys } from '../lib/store/keys.ts';
import type { Deployed } from './bundle.ts';

/** What a function may act on. `owed` is the index of the directory, `mail` sending mails as anybody whom SES has verified. */
export type Operated = 'directory' | 'owed' | 'secrets' | 'linkKeys' | 'mail' | 'eventBus';

/** Actions on one thing; with `partition` on the items of a table under that partition key alone. */
export interface Allowance {
  readonly on: Operated;
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
}

// 1769 MB is one whole vCPU: hashing a password and starting the policy engine are pure computing, about three times
// slower at 512 MB and no cheaper. A call waits for a key set at most and for a few tries of one transaction, and gives
// up in time to say so; 10 s leaves room for both, well before the gateway's 30 s.
const wholeProcessor = { memorySize: 1769, timeout: 10 };

// Cursors and repeated creates are sealed with the deployment's own key, which lies beside the hashes.
const deploymentKey = { on: 'secrets', partition: keys.deploymentKey.pk } as const;

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
      // A hash is written together with its user and removed with it, and nothing here has a reason to read one.
      { on: 'secrets', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      { ...deploymentKey, actions: ['dynamodb:GetItem'] },
    ],
  },
  // Hashes twice, the password that is and the one that is to be. It alone reads hashes, and it removes nothing.
  passwords: {
    ...wholeProcessor,
    allowances: [
      { on: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      { on: 'secrets', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
    ],
  },
  // Answers out of its own folder and waits for nobody.
  documents: { memorySize: 256, timeout: 5, allowances: [] },
};
