/** What inviters and the invited do, for tests of invitations: over a clock that can be set, since most of it is about time. */
import { randomUUID } from 'node:crypto';
import type { Mail } from '../../../infra/local/fakes/mailbox.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../dialects/create-user.ts';
import { aClock } from './user-states.ts';
import {
  type Answer,
  aService,
  aws,
  type Sent,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

export const minute = 60_000;

/** Somebody who has been invited. */
export interface Guest {
  readonly slug: TenantSlug;
  readonly email: string;
  /** As the native API writes it. */
  readonly id: string;
  readonly uuid: string;
}

export async function anInvitingService(options: Parameters<typeof aService>[0] = {}) {
  const clock = aClock();
  /** What the clock is stopped by, while it is. */
  let stopped: (() => Date) | undefined;
  const service = await aService({ ...options, now: () => (stopped ?? clock.now)() });
  const directory = options.environment?.['DIRECTORY_TABLE'] ?? service.stored.directory;
  const admin = (slug: TenantSlug = 'acme') =>
    clock.aTokenOf(slug, ['admin'], undefined, stopped?.());

  /** Somebody is created, and no mail has gone out yet. */
  async function invites(
    fields: object = {},
    { slug = 'acme', token = admin(slug) }: { slug?: TenantSlug; token?: string } = {},
  ) {
    const body = { email: `guest-${randomUUID()}@x.example`, ...fields };
    const answer = await service.posts('/v1/users', body, { token });
    if (answer.status !== 201) throw new Error(`nobody was invited: ${answer.text}`);
    return guestOf(answer, slug);
  }

  /** A call about one user, or about its invitation, by an administrator of its tenant. */
  const about = (
    method: string,
    { slug, id }: Guest,
    path = '',
    sent: Sent = {},
  ): Promise<Answer> =>
    service.send(method, `/v1/users/${id}${path}`, { token: admin(slug), ...sent });

  /** Hands a user who is owed a mail to the mails' function, as the stream does, and returns what they have in their mailbox by now. */
  async function mailsTo({ slug, uuid }: Guest): Promise<readonly Mail[]> {
    const { pk, sk } = keys.user(tenantId[slug], uuid);
    const record = {
      eventName: 'MODIFY' as const,
      dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: '1' },
    };
    const isOwed = (await service.stored.item({ pk, sk }, directory))?.['dueAt'] !== undefined;
    const { batchItemFailures } = await service.on.records(isOwed ? [record] : []);
    if (batchItemFailures.length > 0) throw new Error('the mail could not be got to');
    return (await aws()).mailbox.mails.filter(({ tags }) => tags['user'] === uuid);
  }

  /** The token in the last mail that a user has. */
  const tokenFor = async (guest: Guest): Promise<string> =>
    tokenIn(linkIn((await mailsTo(guest)).at(-1)));

  return {
    service,
    clock,
    admin,
    /** Lets the clock stand still while something is done, or go by a clock of the test's own. */
    during: async <Result>(
      time: Date | (() => Date),
      act: () => Promise<Result>,
    ): Promise<Result> => {
      stopped = typeof time === 'function' ? time : () => time;
      return act().finally(() => {
        stopped = undefined;
      });
    },
    invites,
    about,
    mailsTo,
    tokenFor,
    /** Somebody is invited, and has got the mail. */
    invited: async (...how: Parameters<typeof invites>) => {
      const guest = await invites(...how);
      return { guest, token: await tokenFor(guest) };
    },
    inspects: (token: unknown, sent: Sent = {}) =>
      service.posts('/v1/invitations/inspect', { token }, sent),
    accepts: (token: unknown, password: string = goodPassword, sent: Sent = {}) =>
      service.posts('/v1/invitations/accept', { token, password }, sent),
    reads: async (guest: Guest): Promise<Answer['body']> => (await about('GET', guest)).body,
    invitationOf: async (guest: Guest): Promise<Answer['body']> =>
      (await about('GET', guest, '/invitation')).body,
    resends: (guest: Guest, sent?: Sent) => about('POST', guest, '/invitation/resend', sent),
    revokes: (guest: Guest, sent?: Sent) => about('POST', guest, '/invitation/revoke', sent),
    copies: (guest: Guest, sent?: Sent) => about('POST', guest, '/invitation/link', sent),
  };
}

export const guestOf = ({ body }: Answer, slug: TenantSlug = 'acme'): Guest => ({
  slug,
  email: body.email,
  id: body.userId,
  uuid: parseUserId(body.userId) ?? '',
});

/** The one link that a mail has. */
export const linkIn = (mail: Mail | undefined): string => {
  const [link, ...more] = mail?.text.match(/https?:\S+/g) ?? [];
  if (link === undefined || more.length > 0) throw new Error(`not one link: ${mail?.text}`);
  return link;
};

export const tokenIn = (link: string): string =>
  new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';

/** An answer in a word: `200`, or `410 invitation_revoked superseded`. */
export const outcome = ({ status, body }: Answer): string =>
  [status, body?.code, body?.details?.reason].filter((part) => part !== undefined).join(' ');

/** What lies in the directory about a user, in the order of the sort keys. */
export const itemsOf = async ({ service }: { readonly service: Service }, { uuid }: Guest) =>
  (await service.stored.all())
    .filter(({ pk, userId }) => userId === uuid || String(pk).endsWith(uuid))
    .toSorted((a, b) => String(a['sk']).localeCompare(String(b['sk'])));
