/** Users who are invited by mail, the functions that send to them, and every way there on which things can go wrong. */
import type { DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import { unique } from '../dialects/dialects.ts';
import { aFaultyWayTo, type Fault, isLost, losesItsAnswer } from '../faults/fault-proxy.ts';
import { aClock, without } from './user-states.ts';
import { type Answer, aService, aws, type Sent, type TenantSlug, tenantId } from '../service.ts';
import { keys } from '../../../lib/store/keys.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Somebody who was invited. */
export interface Invitee {
  readonly slug: TenantSlug;
  readonly email: string;
  /** `cradl:user:…`, and the UUID. */
  readonly id: string;
  readonly userId: string;
}

/** A record of the directory's stream about a user. */
export const recordOf = (
  { slug, userId }: Pick<Invitee, 'slug' | 'userId'>,
  SequenceNumber = '1',
): DynamoDBRecord => {
  const { pk, sk } = keys.user(tenantId[slug], userId);
  return {
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber },
  };
};

/** A point of a run at which something goes wrong, and what that is. */
export const moments: readonly { readonly moment: string; readonly fault: Fault }[] = [
  { moment: 'before', fault: isLost },
  { moment: 'after', fault: losesItsAnswer },
];

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly owedIndex?: boolean;
  /** Those of the SDK itself. One for a run in which nothing more gets through. */
  readonly attempts?: number;
}

/**
 * A service on a clock of its own that finds its database, and SES, KMS and EventBridge, by ways on which things go wrong when they
 * are told to. One at a time: where they are, each function looks with its first request.
 */
export async function aMailingService({
  environment = {},
  attempts = 1,
  ...options
}: Options = {}) {
  const clock = aClock();
  const database = await aFaultyWayTo(inject('databaseEndpoint'));
  const standIn = await aws();
  const amazon = await aFaultyWayTo(standIn.endpoint);
  const service = await aService({
    ...options,
    now: clock.now,
    waitUntil: async (timeMs) => clock.leaps(Math.max(0, timeMs - clock.now().getTime())),
    databaseEndpoint: database.endpoint,
    environment: {
      ...Object.fromEntries(
        Object.keys(standIn.environment).map((name) => [name, amazon.endpoint]),
      ),
      AWS_MAX_ATTEMPTS: String(attempts),
      ...environment,
    },
  });
  const token = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const calls = (
    method: string,
    path: string,
    { slug = 'acme', ...sent }: Sent & { slug?: TenantSlug } = {},
  ) => service.send(method, path, { token: token(slug), ...sent });

  /** Somebody is invited, who has never been sent a mail. */
  async function invites(more: object = {}, slug: TenantSlug = 'acme'): Promise<Invitee> {
    const email = `user-${unique()}@example.com`;
    const { body, status } = await calls('POST', '/v1/users', { slug, body: { email, ...more } });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const invitee = { slug, email: body.email, ...idsOf(body) };
    await settleCreationNotice(invitee);
    return invitee;
  }
  /** Marks the notice that an account with a password was created as sent. */
  async function settleCreationNotice({ slug, userId }: Invitee): Promise<void> {
    const notice = await service.stored.item(keys.accountNotice(tenantId[slug], userId, 1));
    if (notice)
      await service.stored.put(
        without(notice, 'dueAt', 'outboxShard', 'email') as Record<string, unknown>,
      );
  }
  const does = (invitee: Invitee, method: string, path = '', sent: Sent = {}): Promise<Answer> =>
    calls(method, `/v1/users/${invitee.id}${path}`, { slug: invitee.slug, ...sent });

  /** The mails to somebody so far. */
  const mailsTo = ({ email }: Pick<Invitee, 'email'>) =>
    standIn.mailbox.mails.filter(({ to }) => to.includes(email));
  const linksTo = (invitee: Pick<Invitee, 'email'>) =>
    mailsTo(invitee).map(({ text }) => tokenIn(text));

  return {
    clock,
    database,
    amazon,
    service,
    token,
    calls,
    invites,
    does,
    mailsTo,
    linksTo,
    /** What the stream's consumer answers to a record of each. */
    hears: (...invitees: readonly Pick<Invitee, 'slug' | 'userId'>[]) =>
      service.on.records(invitees.map((invitee, index) => recordOf(invitee, String(index + 1)))),
    /** How the mail fares, as whoever may read the invitation is told. */
    delivery: async (invitee: Invitee) => (await does(invitee, 'GET', '/invitation')).body.delivery,
    /** How it fares, and since when a mail is owed, as they lie in the table. */
    stored: async ({ slug, userId }: Invitee) => {
      const [user, delivery] = await Promise.all([
        service.stored.item(keys.user(tenantId[slug], userId)),
        service.stored.item(keys.delivery(tenantId[slug], userId)),
      ]);
      return {
        due: user?.['dueAt'] as string | undefined,
        shard: user?.['outboxShard'] as string | undefined,
        user,
        delivery,
      };
    },
    /** From the n-th request to anything on, counted from 1, nothing gets through; what befalls the n-th itself is the `fault`. */
    stopsAt: (n: number, fault: Fault) => {
      let count = 0;
      let reached = false;
      const plan = () => {
        count++;
        if (count < n) return undefined;
        // What is stopped has no time left, and never hears of what it sent.
        if (!reached) clock.leaps(minute);
        const first = !reached;
        reached = true;
        return first ? fault : isLost;
      };
      database.goesWrong(plan);
      amazon.goesWrong(plan);
      return () => reached;
    },
    isWell: () => {
      database.isWell();
      amazon.isWell();
    },
  };
}

export const idsOf = ({ userId }: Answer['body']): { id: string; userId: string } => ({
  id: userId,
  userId: String(userId).replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
});

/** What stands behind `#token=` in the link of a mail. */
export const tokenIn = (text: string): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';
