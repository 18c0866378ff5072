import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import { unique } from '../support/dialects/dialects.ts';
import {
  createInvitationService,
  type InvitedAccount,
  findLink,
  minute,
  outcome,
  parseToken,
} from '../support/scenarios/invitations.ts';
import { day } from '../support/scenarios/user-states.ts';
import { scaleRuns } from '../support/property-runs.ts';

const environment = {
  MAILS_PER_TENANT_HOUR: '100000',
  MAILS_PER_RECIPIENT_DAY: '100000',
  RESTORE_DAYS: '365',
};
const life = await createInvitationService({ environment });
const {
  service,
  clock,
  inviteUser,
  requestInvitation,
  mailsTo,
  acceptLink,
  inspectLink,
  invitationOf,
  reads,
  resends,
  revokes,
  copies,
} = life;

type Channel = 'mail' | 'copy';

/** Invitation state of a user. Times are in epoch milliseconds. */
interface Model {
  readonly guest: InvitedAccount;
  email: string;
  emailVerified: boolean;
  isDeleted: boolean;
  /** Fields of the latest link, up to `isMailed`. */
  version: number;
  channel: Channel;
  time: number;
  ended: 'accepted' | 'revoked' | undefined;
  /** True if its mail was sent or abandoned. */
  isMailed: boolean;
  mails: number;
  /** All links of the invitation, including earlier ones. */
  readonly links: {
    readonly token: string;
    readonly version: number;
    readonly email: string;
    readonly channel: Channel;
  }[];
}

const now = () => clock.now().getTime();
const isExpired = ({ time }: Model) => now() >= time + 7 * day;
const getStatus = (model: Model) => model.ended ?? (isExpired(model) ? 'expired' : 'pending');
const isAwaitingMail = ({ isDeleted, ended, channel }: Model) =>
  !isDeleted && ended === undefined && channel === 'mail';

function renewLink(model: Model, channel: Channel): void {
  Object.assign(model, {
    version: model.version + 1,
    channel,
    time: now(),
    ended: undefined,
    isMailed: false,
  });
}

/** Expected outcome for a link. */
function getExpectedOutcome(model: Model, { version, email }: Model['links'][number]): string {
  if (model.isDeleted || email !== model.email) return '404 not_found';
  if (model.ended === 'accepted') return '410 invitation_used';
  if (version !== model.version) return '410 invitation_revoked superseded';
  if (model.ended === 'revoked') return '410 invitation_revoked revoked';
  return isExpired(model) ? '410 invitation_expired' : '200';
}

type Act = (model: Model) => Promise<void>;
/** Operation that changes neither deleted users nor accepted invitations. */
const onInvitation =
  (
    codeWhenAccepted: string,
    request: (guest: InvitedAccount) => ReturnType<typeof resends>,
    refusal: (model: Model) => string | undefined,
    effect: (model: Model, body: Record<string, string>) => void,
  ): Act =>
  async (model) => {
    const expected = model.isDeleted
      ? '404 not_found'
      : model.ended === 'accepted'
        ? `409 ${codeWhenAccepted}`
        : (refusal(model) ?? '200');
    const answer = await request(model.guest);
    expect(outcome(answer)).toBe(expected);
    if (expected === '200') effect(model, answer.body);
  };

const system = () => ({ token: clock.aTokenOf('acme', ['system_admin']) });
const addresses = ['a', 'A', 'b'];

const acts: Readonly<Record<string, Act>> = {
  mail: async (model) => {
    if (isAwaitingMail(model) && !model.isMailed) {
      model.isMailed = true;
      if (!isExpired(model)) model.mails++;
    }
    const mails = await mailsTo(model.guest);
    expect(mails).toHaveLength(model.mails);
    const { version, email, links } = model;
    if (mails.length > links.filter(({ channel }) => channel === 'mail').length) {
      links.push({ token: parseToken(findLink(mails.at(-1))), version, email, channel: 'mail' });
    }
  },
  resend: onInvitation(
    'not_invitable',
    resends,
    ({ time }) => (now() - time < minute ? '429 too_many_requests' : undefined),
    (model) => renewLink(model, 'mail'),
  ),
  revoke: onInvitation(
    'invalid_transition',
    revokes,
    ({ ended }) => (ended === 'revoked' ? '409 invalid_transition' : undefined),
    (model) => {
      model.ended = 'revoked';
    },
  ),
  copy: onInvitation(
    'not_invitable',
    (guest) => copies(guest, system()),
    () => undefined,
    (model, { link = '' }) => {
      renewLink(model, 'copy');
      model.links.push({
        token: parseToken(link),
        version: model.version,
        email: model.email,
        channel: 'copy',
      });
    },
  ),
  delete: async (model) => {
    expect((await requestInvitation('DELETE', model.guest)).status).toBe(
      model.isDeleted ? 404 : 204,
    );
    model.isDeleted = true;
  },
  restore: async (model) => {
    expect((await requestInvitation('POST', model.guest, '/restore')).status).toBe(
      model.isDeleted ? 200 : 409,
    );
    model.isDeleted = false;
  },
  'two minutes': async () => clock.advanceBy(2 * minute),
  'four days': async () => clock.advanceBy(4 * day),
};

const toEmailChange = (index: number): Act => {
  const rename = (model: Model) => `${addresses[index]}.${model.guest.email}`;
  return async (model) => {
    const email = rename(model);
    const answer = await requestInvitation('PATCH', model.guest, '', { body: { email } });
    expect(answer.status).toBe(model.isDeleted ? 404 : 200);
    if (model.isDeleted || email.toLowerCase() === model.email) return;
    model.emailVerified = false;
    if (isAwaitingMail(model) && !isExpired(model)) renewLink(model, 'mail');
    else if (getStatus(model) === 'pending') model.version++;
    model.email = email.toLowerCase();
  };
};

const uses =
  (place: number, isAccepted: boolean): Act =>
  async (model) => {
    const link = model.links.at(-1 - (place % model.links.length));
    if (!link) return;
    const expected = getExpectedOutcome(model, link);
    expect(outcome(await (isAccepted ? acceptLink(link.token) : inspectLink(link.token)))).toBe(
      expected,
    );
    if (!isAccepted || expected !== '200') return;
    model.ended = 'accepted';
    model.emailVerified ||= link.channel === 'mail';
  };

const command = (what: string, act: Act): fc.AsyncCommand<Model, object> => ({
  check: () => true,
  run: async (model) => {
    await act(model);
    if (model.isDeleted) return;
    const { version, channel, emailVerified, ended } = model;
    expect(await invitationOf(model.guest)).toMatchObject({
      status: getStatus(model),
      version,
      channel,
    });
    expect(await reads(model.guest)).toMatchObject({
      emailVerified,
      status: ended === 'accepted' ? 'active' : 'invite_pending',
    });
  },
  toString: () => what,
});

const commands = fc.commands(
  [
    ...Object.entries(acts).map(([what, act]) => fc.constant(command(what, act))),
    fc.constant(command('mail', acts['mail']!)),
    // Reading a link does not change the invitation.
    ...['the last', 'again'].map((what) => fc.constant(command(`inspect ${what}`, uses(0, false)))),
    fc
      .nat(addresses.length - 1)
      .map((index) => command(`move to ${addresses[index]}`, toEmailChange(index))),
    fc.nat(3).map((place) => command(`inspect #${place}`, uses(place, false))),
    fc.nat(1).map((place) => command(`accept #${place}`, uses(place, true))),
  ],
  { maxCommands: 60, size: 'max' },
);

it('an invitation and its links match a plain model after any operations', async () => {
  const property = fc.asyncProperty(commands, async (all) => {
    const guest = await inviteUser({ email: `${unique()}@x.example` });
    const model: Model = {
      guest,
      email: guest.email,
      emailVerified: false,
      isDeleted: false,
      version: 1,
      channel: 'mail',
      time: now(),
      ended: undefined,
      isMailed: false,
      mails: 0,
      links: [],
    };
    await fc.asyncModelRun(() => ({ model, real: {} }), all);
  });
  await fc.assert(property, { numRuns: scaleRuns(6) });
  const { users, missing, stray } = await auditTables(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});
