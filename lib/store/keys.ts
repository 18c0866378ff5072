import type { Recipient } from '../domain/mail/pending-mail.ts';

/**
 * The keys of both tables; the only file that knows `pk` and `sk`. Every key that holds a tenant's data begins with that
 * tenant. Literal parts are upper case and everything that varies is lower case or canonical, so that no two kinds share
 * a prefix. docs/architecture.md has the table.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Versions in as many digits each, so that they lie in order. */
const padVersion = (version: number): string => String(version).padStart(10, '0');
/** Change records of one entity lie in the order of their versions. */
export const changePrefix = 'CHANGE#';
const changeKey = (version: number): string => `${changePrefix}${padVersion(version)}`;

/** `tenantId` and `userId` are lower-case UUIDs; `email` and `userName` are in canonical form. */
export const keys = {
  tenant: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}`, sk: 'TENANT' }),
  role: (tenantId: string, slug: string): Key => ({ pk: `TENANT#${tenantId}`, sk: `ROLE#${slug}` }),
  appClient: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `APPCLIENT#${id}`,
  }),
  /** How many roles of its own a tenant has, and how many it has had. */
  roleCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#ROLES`, sk: 'COUNT' }),
  slugClaim: (slug: string): Key => ({ pk: `SLUG#${slug}`, sk: 'CLAIM' }),
  /** The list of tenants, in the order of their slugs. Tenants are few and seldom made: one partition is enough. */
  tenantListEntry: (slug: string): Key => ({ pk: 'TENANTS', sk: `SLUG#${slug}` }),
  /** `clientId` is what an app client calls itself at the token endpoint. */
  clientIdClaim: (clientId: string): Key => ({ pk: `CLIENT#${clientId}`, sk: 'CLAIM' }),
  /** When an app client was last heard of; apart from it, so that using one changes nothing about it. */
  appClientLastUse: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: 'USE',
  }),

  /** The records of what became of a tenant, a role and an app client. */
  tenantChange: (tenantId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#TENANT`,
    sk: changeKey(version),
  }),
  roleChange: (tenantId: string, slug: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#ROLE#${slug}`,
    sk: changeKey(version),
  }),
  appClientChange: (tenantId: string, id: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: changeKey(version),
  }),

  user: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'USER',
  }),
  avatar: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'AVATAR',
  }),
  userChange: (tenantId: string, userId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: changeKey(version),
  }),
  /** The record of an erasure, which holds IDs only and outlives the user. `time` is ISO 8601. */
  erasure: (tenantId: string, time: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#ERASURES`,
    sk: `TIME#${time}#${userId}`,
  }),
  /** How the mail of an invitation fared. */
  delivery: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'INVITATION',
  }),
  /**
   * Invitations that a tenant sent in an hour (`2026-01-31T12`), and that an address was sent in a day (`2026-01-31`): by one tenant, and by
   * all. `hash` is of the canonical email.
   */
  tenantMailCounter: (tenantId: string, hour: string): Key => ({
    pk: `TENANT#${tenantId}#MAILS`,
    sk: `HOUR#${hour}`,
  }),
  tenantRecipientMailCounter: (tenantId: string, hash: string, day: string): Key => ({
    pk: `TENANT#${tenantId}#RECIPIENT#${hash}`,
    sk: `DAY#${day}`,
  }),
  recipientMailCounter: (hash: string, day: string): Key => ({
    pk: `RECIPIENT#${hash}`,
    sk: `DAY#${day}`,
  }),
  /** Number and kinds of the notices sent to a user in a day. */
  noticeCounter: (tenantId: string, userId: string, day: string): Key => ({
    pk: `TENANT#${tenantId}#NOTICES#${userId}`,
    sk: `DAY#${day}`,
  }),
  /** Until when a tenant's mails are held back; lies between its roles and itself, and so is read with them. */
  mailHold: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}`, sk: 'SENDING' }),
  /** That a new password was asked for, and how the mail fares; `hash` is of the canonical e-mail, whether a user has it or not. */
  passwordReset: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#RESET#${hash}`,
    sk: 'RESET',
  }),
  /** That a change, by the version that it led to, is one that the user is told of, and how the mail fares. */
  accountNotice: (tenantId: string, userId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: `NOTICE#${padVersion(version)}`,
  }),
  /** Attempts at a password within a window of time, of a tenant that there may not even be; `id` is a MAC in hex. */
  attemptCounter: (id: string, window: number): Key => ({
    pk: `ATTEMPTS#${id}`,
    sk: `WINDOW#${window}`,
  }),
  /** How many requests a tenant has sent in the window of time that ends then, in epoch milliseconds. */
  requestCounter: (tenantId: string, until: number): Key => ({
    pk: `TENANT#${tenantId}#REQUESTS`,
    sk: `UNTIL#${until}`,
  }),
  /** An answer that is kept for repetitions; `id` is a MAC in hex. */
  idempotencyRecord: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}#ANSWER#${id}`,
    sk: 'ANSWER',
  }),
  /** In the secrets table. */
  userSecret: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'SECRET',
  }),

  /** In the secrets table. `secretId` tells the secrets of one app client apart. */
  appClientSecret: (tenantId: string, id: string, secretId: string): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: `SECRET#${secretId}`,
  }),

  /** In the secrets table. */
  deploymentKey: { pk: 'DEPLOYMENT', sk: 'KEY' } as Key,

  emailClaim: (tenantId: string, email: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `EMAIL#${email}`,
  }),
  /** `hash` is of an issuer and a subject. */
  identityClaim: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `IDENTITY#${hash}`,
  }),
  /** End of the link between an identity and a user. Earlier invitations by that user are void. */
  formerIdentity: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#IDENTITY#${hash}`,
    sk: 'FORMER',
  }),
  userNameClaim: (tenantId: string, userName: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `USERNAME#${userName}`,
  }),
  systemEmailClaim: (email: string): Key => ({ pk: `SYSTEM#EMAIL#${email}`, sk: 'CLAIM' }),
  systemUserNameClaim: (userName: string): Key => ({
    pk: `SYSTEM#USERNAME#${userName}`,
    sk: 'CLAIM',
  }),
} as const;

/** The sparse index of what a mail is owed for: by the first digit of the id of the user, or of the hash of the address, and then by the time it is due. */
export const outboxIndex = {
  name: 'outbox',
  partition: 'outboxShard',
  sort: 'dueAt',
  shards: [...'0123456789abcdef'],
} as const;

/** The notices of a user, in the order of the changes. */
export const noticePartition = (tenantId: string, userId: string) => ({
  pk: keys.user(tenantId, userId).pk,
  prefix: 'NOTICE#',
});

/** The roles that a tenant has made, deleted ones included, in the order of their slugs. */
export const rolePrefix = (tenantId: string) => ({ pk: `TENANT#${tenantId}`, prefix: 'ROLE#' });

/** The records of erasures in a tenant, in the order of their times. */
export const erasurePartition = (tenantId: string) => ({
  pk: `TENANT#${tenantId}#ERASURES`,
  prefix: 'TIME#',
});

/** Whom an item in that index is about. */
export function parseMailKey({ pk, sk }: Key): Recipient {
  const [, tenantId = '', , id = ''] = pk.split('#');
  if (sk === 'RESET') return { tenantId, emailHash: id };
  const [kind, version] = sk.split('#');
  return kind === 'NOTICE'
    ? { tenantId, noticeUserId: id, version: Number(version) }
    : { tenantId, userId: id };
}

/** The tenant, its roles and what is held lie side by side in its partition, so that one query reads them all. */
export const tenantRange = (tenantId: string) => ({
  pk: `TENANT#${tenantId}`,
  from: 'ROLE#',
  to: 'TENANT',
});
