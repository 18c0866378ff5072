/** Invited users, the functions that mail them, and faults of their services. */
import type { DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import { unique } from '../dialects/dialects.ts';
import { createFaultProxy, type Fault, dropRequest, dropResponse } from '../faults/fault-proxy.ts';
import { createTestClock, without } from './user-states.ts';
import {
  type TestResponse,
  createTestService,
  aws,
  type TestRequest,
  type TenantSlug,
  tenantId,
} from '../service.ts';
import { keys } from '../../../lib/store/keys.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Invited user. */
export interface Invitee {
  readonly slug: TenantSlug;
  readonly email: string;
  /** `cradl:user:…` and the UUID. */
  readonly id: string;
  readonly userId: string;
}

/** Stream record of a user. */
export const toStreamRecord = (
  { slug, userId }: Pick<Invitee, 'slug' | 'userId'>,
  SequenceNumber = '1',
): DynamoDBRecord => {
  const { pk, sk } = keys.user(tenantId[slug], userId);
  return {
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber },
  };
};

/** Point of a run with a fault. */
export const moments: readonly { readonly moment: string; readonly fault: Fault }[] = [
  { moment: 'before', fault: dropRequest },
  { moment: 'after', fault: dropResponse },
];

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly hasOutboxIndex?: boolean;
  readonly hasStream?: boolean;
  /** Attempts of the SDK. One, if all later requests fail. */
  readonly attempts?: number;
}

/**
 * Creates a service with a test clock and fault proxies to the database and to SES, KMS and
 * EventBridge. Only one service at a time, because each function reads the endpoints with its first
 * request.
 */
export async function createMailService({
  environment = {},
  attempts = 1,
  ...options
}: Options = {}) {
  const clock = createTestClock();
  const database = await createFaultProxy(inject('databaseEndpoint'));
  const standIn = await aws();
  const amazon = await createFaultProxy(standIn.endpoint);
  const service = await createTestService({
    ...options,
    now: clock.now,
    waitUntil: async (timeMs) => clock.advanceBy(Math.max(0, timeMs - clock.now().getTime())),
    databaseEndpoint: database.endpoint,
    environment: {
      ...Object.fromEntries(
        Object.entries(standIn.environment).map(([name, url]) => [
          name,
          url.replace(standIn.endpoint, amazon.endpoint),
        ]),
      ),
      AWS_MAX_ATTEMPTS: String(attempts),
      ...environment,
    },
  });
  const token = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const calls = (
    method: string,
    path: string,
    { slug = 'acme', ...sent }: TestRequest & { slug?: TenantSlug } = {},
  ) => service.send(method, path, { token: token(slug), ...sent });

  /** Creates an invited user without a mail. */
  async function inviteUser(more: object = {}, slug: TenantSlug = 'acme'): Promise<Invitee> {
    const email = `user-${unique()}@example.com`;
    const { body, status } = await calls('POST', '/v1/users', { slug, body: { email, ...more } });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const invitee = { slug, email: body.email, ...listIds(body) };
    await settleCreationNotice(invitee);
    return invitee;
  }
  /** Marks the notice about the created account as sent. */
  async function settleCreationNotice({ slug, userId }: Invitee): Promise<void> {
    const notice = await service.stored.item(keys.accountNotice(tenantId[slug], userId, 1));
    if (notice)
      await service.stored.put(
        without(notice, 'dueAt', 'outboxShard', 'email') as Record<string, unknown>,
      );
  }
  const requestUser = (
    invitee: Invitee,
    method: string,
    path = '',
    sent: TestRequest = {},
  ): Promise<TestResponse> =>
    calls(method, `/v1/users/${invitee.id}${path}`, { slug: invitee.slug, ...sent });

  /** Mails to a user so far. */
  const mailsTo = ({ email }: Pick<Invitee, 'email'>) =>
    standIn.mailbox.mails.filter(({ to }) => to.includes(email));
  const linksTo = (invitee: Pick<Invitee, 'email'>) =>
    mailsTo(invitee).map(({ text }) => parseMailToken(text));

  return {
    clock,
    database,
    amazon,
    service,
    token,
    calls,
    inviteUser,
    requestUser,
    mailsTo,
    linksTo,
    /** Delivers a stream record per user. Returns the response of the consumer. */
    deliverStream: (...invitees: readonly Pick<Invitee, 'slug' | 'userId'>[]) =>
      service.on.records(
        invitees.map((invitee, index) => toStreamRecord(invitee, String(index + 1))),
      ),
    /** Delivery status in the invitation. */
    delivery: async (invitee: Invitee) =>
      (await requestUser(invitee, 'GET', '/invitation')).body.delivery,
    /** Stored delivery and outbox attributes. */
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
    /** Applies `fault` to the n-th request, counted from 1, and fails all later ones. */
    stopsAt: (n: number, fault: Fault) => {
      let count = 0;
      let reached = false;
      const plan = () => {
        count++;
        if (count < n) return undefined;
        // A stopped function has no time left and receives no responses.
        if (!reached) clock.advanceBy(minute);
        const first = !reached;
        reached = true;
        return first ? fault : dropRequest;
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

export const listIds = ({ userId }: TestResponse['body']): { id: string; userId: string } => ({
  id: userId,
  userId: String(userId).replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
});

/** Token after `#token=` in the link of a mail. */
export const parseMailToken = (text: string): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';
