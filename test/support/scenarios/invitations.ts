/** Inviting and accepting, with a test clock. */
import { randomUUID } from 'node:crypto';
import type { Mail } from '../../../infra/local/fakes/mailbox.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../dialects/create-user.ts';
import { createTestClock } from './user-states.ts';
import {
  type TestResponse,
  createTestService,
  aws,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

export const minute = 60_000;

/** Invited user. */
export interface InvitedAccount {
  readonly slug: TenantSlug;
  readonly email: string;
  /** Native user ID. */
  readonly id: string;
  readonly uuid: string;
}

export async function createInvitationService(
  options: Parameters<typeof createTestService>[0] = {},
) {
  const clock = createTestClock();
  /** Fixed time, if the clock is stopped. */
  let stopped: (() => Date) | undefined;
  const service = await createTestService({ ...options, now: () => (stopped ?? clock.now)() });
  const directory = options.environment?.['DIRECTORY_TABLE'] ?? service.stored.directory;
  const admin = (slug: TenantSlug = 'acme') =>
    clock.aTokenOf(slug, ['admin'], undefined, stopped?.());

  /** Creates a user whose invitation is not mailed yet. */
  async function inviteUser(
    fields: object = {},
    { slug = 'acme', token = admin(slug) }: { slug?: TenantSlug; token?: string } = {},
  ) {
    const body = { email: `guest-${randomUUID()}@x.example`, ...fields };
    const answer = await service.post('/v1/users', body, { token });
    if (answer.status !== 201) throw new Error(`no user was invited: ${answer.text}`);
    return toInvitedAccount(answer, slug);
  }

  /** Sends a request about a user or its invitation as an administrator of its tenant. */
  const requestInvitation = (
    method: string,
    { slug, id }: InvitedAccount,
    path = '',
    sent: TestRequest = {},
  ): Promise<TestResponse> =>
    service.send(method, `/v1/users/${id}${path}`, { token: admin(slug), ...sent });

  /** Delivers the pending mail of a user, like the stream, and returns all mails to the user. */
  async function mailsTo({ slug, uuid }: InvitedAccount): Promise<readonly Mail[]> {
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
  const tokenFor = async (guest: InvitedAccount): Promise<string> =>
    parseToken(findLink((await mailsTo(guest)).at(-1)));

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
    inviteUser,
    requestInvitation,
    mailsTo,
    tokenFor,
    /** Invites a user and delivers the mail. */
    inviteAndReadToken: async (...how: Parameters<typeof inviteUser>) => {
      const guest = await inviteUser(...how);
      return { guest, token: await tokenFor(guest) };
    },
    inspectLink: (token: unknown, sent: TestRequest = {}) =>
      service.post('/v1/invitations/inspect', { token }, sent),
    acceptLink: (token: unknown, password: string = goodPassword, sent: TestRequest = {}) =>
      service.post('/v1/invitations/accept', { token, password }, sent),
    reads: async (guest: InvitedAccount): Promise<TestResponse['body']> =>
      (await requestInvitation('GET', guest)).body,
    invitationOf: async (guest: InvitedAccount): Promise<TestResponse['body']> =>
      (await requestInvitation('GET', guest, '/invitation')).body,
    resends: (guest: InvitedAccount, sent?: TestRequest) =>
      requestInvitation('POST', guest, '/invitation/resend', sent),
    revokes: (guest: InvitedAccount, sent?: TestRequest) =>
      requestInvitation('POST', guest, '/invitation/revoke', sent),
    copies: (guest: InvitedAccount, sent?: TestRequest) =>
      requestInvitation('POST', guest, '/invitation/link', sent),
  };
}

export const toInvitedAccount = (
  { body }: TestResponse,
  slug: TenantSlug = 'acme',
): InvitedAccount => ({
  slug,
  email: body.email,
  id: body.userId,
  uuid: parseUserId(body.userId) ?? '',
});

/** The only link of a mail. */
export const findLink = (mail: Mail | undefined): string => {
  const [link, ...more] = mail?.text.match(/https?:\S+/g) ?? [];
  if (link === undefined || more.length > 0) throw new Error(`not one link: ${mail?.text}`);
  return link;
};

export const parseToken = (link: string): string =>
  new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';

/** Short form of a response: `200`, or `410 invitation_revoked superseded`. */
export const outcome = ({ status, body }: TestResponse): string =>
  [status, body?.code, body?.details?.reason].filter((part) => part !== undefined).join(' ');

/** Items of a user in the directory table, by sort key. */
export const listItems = async (
  { service }: { readonly service: Service },
  { uuid }: InvitedAccount,
) =>
  (await service.stored.all())
    .filter(({ pk, userId }) => userId === uuid || String(pk).endsWith(uuid))
    .toSorted((a, b) => String(a['sk']).localeCompare(String(b['sk'])));
