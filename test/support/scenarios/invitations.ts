/** Inviting and accepting, with a test clock. */
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

/** Invited user. */
export interface Guest {
  readonly slug: TenantSlug;
  readonly email: string;
  /** Native user ID. */
  readonly id: string;
  readonly uuid: string;
}

export async function anInvitingService(options: Parameters<typeof aService>[0] = {}) {
  const clock = aClock();
  /** Fixed time, if the clock is stopped. */
  let stopped: (() => Date) | undefined;
  const service = await aService({ ...options, now: () => (stopped ?? clock.now)() });
  const directory = options.environment?.['DIRECTORY_TABLE'] ?? service.stored.directory;
  const admin = (slug: TenantSlug = 'acme') =>
    clock.aTokenOf(slug, ['admin'], undefined, stopped?.());

  /** Creates a user whose invitation is not mailed yet. */
  async function invites(
    fields: object = {},
    { slug = 'acme', token = admin(slug) }: { slug?: TenantSlug; token?: string } = {},
  ) {
    const body = { email: `guest-${randomUUID()}@x.example`, ...fields };
    const answer = await service.posts('/v1/users', body, { token });
    if (answer.status !== 201) throw new Error(`no user was invited: ${answer.text}`);
    return guestOf(answer, slug);
  }

  /** Sends a request about a user or its invitation as an administrator of its tenant. */
  const about = (
    method: string,
    { slug, id }: Guest,
    path = '',
    sent: Sent = {},
  ): Promise<Answer> =>
    service.send(method, `/v1/users/${id}${path}`, { token: admin(slug), ...sent });

  /** Delivers the pending mail of a user, like the stream, and returns all mails to the user. */
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

  /** Token in the last mail to a user. */
  const tokenFor = async (guest: Guest): Promise<string> =>
    tokenIn(linkIn((await mailsTo(guest)).at(-1)));

  return {
    service,
    clock,
    admin,
    /** Runs an action with a stopped or custom clock. */
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
    /** Invites a user and delivers the mail. */
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

/** The only link of a mail. */
export const linkIn = (mail: Mail | undefined): string => {
  const [link, ...more] = mail?.text.match(/https?:\S+/g) ?? [];
  if (link === undefined || more.length > 0) throw new Error(`not one link: ${mail?.text}`);
  return link;
};

export const tokenIn = (link: string): string =>
  new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';

/** Short form of a response: `200`, or `410 invitation_revoked superseded`. */
export const outcome = ({ status, body }: Answer): string =>
  [status, body?.code, body?.details?.reason].filter((part) => part !== undefined).join(' ');

/** Items of a user in the directory table, by sort key. */
export const itemsOf = async ({ service }: { readonly service: Service }, { uuid }: Guest) =>
  (await service.stored.all())
    .filter(({ pk, userId }) => userId === uuid || String(pk).endsWith(uuid))
    .toSorted((a, b) => String(a['sk']).localeCompare(String(b['sk'])));
