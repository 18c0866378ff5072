import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKmsMacKeys } from '../../lib/aws/kms-mac-keys.ts';
import { canonicalizeEmail } from '../../lib/domain/kernel/canonical.ts';
import type { InvitedUser } from '../../lib/domain/users/user.ts';
import { buildLinkMessage, type LinkKind, createLinkToken } from '../../lib/domain/links/link.ts';
import { keys } from '../../lib/store/keys.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import {
  createInvitationService,
  toInvitedAccount,
  type InvitedAccount,
  minute,
  outcome,
  parseToken,
} from '../support/scenarios/invitations.ts';
import { readAllItems } from '../support/scenarios/user-states.ts';
import { getLogs } from '../support/logs.ts';
import { type TestResponse, aws, tenantId } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const life = await createInvitationService();
const {
  service,
  clock,
  inviteUser,
  inviteAndReadToken,
  requestInvitation,
  mailsTo,
  tokenFor,
  inspectLink,
  acceptLink,
  resends,
  copies,
} = life;

describe('the MAC of a link [I07]', async () => {
  const { guest, token } = await inviteAndReadToken();
  const kms = createKmsMacKeys([{ id: '1', key: 'arn:aws:kms:local:000000000000:key/1' }], {
    endpoint: (await aws()).endpoint,
  });
  const subject = async ({ slug, uuid, email }: InvitedAccount) => {
    const { invitation } = (await service.stored.item(
      keys.user(tenantId[slug], uuid),
    )) as unknown as InvitedUser;
    return {
      tenantId: tenantId[slug],
      userId: uuid,
      id: invitation.invitationId,
      email,
      version: invitation.version,
    };
  };
  const signer = (change = (message: Buffer) => message) => ({
    mac: (keyId: string, message: Buffer) => kms.mac(keyId, change(message)),
  });

  it('is deterministic and valid only for its link', async () => {
    expect(
      await createLinkToken('invitation', { ...(await subject(guest)), keyId: '1' }, signer()),
    ).toBe(token);
  });

  it.each([
    ['another kind', 'password-reset', {}, undefined],
    ['a kind with the same prefix', 'invitation ', {}, undefined],
    ['another email', 'invitation', { email: 'other@x.example' }, undefined],
    ['another invitation', 'invitation', { id: '00000000-0000-4000-8000-000000000000' }, undefined],
    [
      'parts without their lengths',
      'invitation',
      {},
      (message: Buffer) => Buffer.from(splitParts(message).join('')),
    ],
    [
      'parts between commas',
      'invitation',
      {},
      (message: Buffer) => Buffer.from(splitParts(message).join()),
    ],
    ['another message', 'invitation', {}, () => Buffer.from('x')],
    [
      'a message without its first part',
      'invitation',
      {},
      (message: Buffer) => message.subarray(4 + 'roster link'.length),
    ],
  ])('of %s is invalid', async (_what, kind, more, change) => {
    const forged = await createLinkToken(
      kind as LinkKind,
      { ...(await subject(guest)), keyId: '1', ...more },
      signer(change),
    );
    for (const asks of [inspectLink, acceptLink])
      expect(outcome(await asks(forged))).toBe('404 not_found');
  });

  it('covers a message that no other kind and no other parts produce', () => {
    const part = fc.string({
      unit: fc.constantFrom('a', '\u0000', '\u0001', 'é', '#'),
      maxLength: 6,
    });
    const link = fc.record({
      kind: part,
      tenantId: part,
      userId: part,
      id: part,
      email: part,
      version: fc.nat({ max: 12 }),
    });
    const message = ({
      kind,
      ...subject
    }: { kind: string } & Parameters<typeof buildLinkMessage>[1]) =>
      buildLinkMessage(kind as LinkKind, subject).toString('hex');
    // The message can be parsed, so it has one meaning.
    const property = fc.property(link, (one) => {
      const { kind, tenantId: tenant, userId, id, email, version } = one;
      expect(splitParts(Buffer.from(message(one), 'hex'))).toEqual([
        'roster link',
        kind,
        tenant,
        userId,
        id,
        canonicalizeEmail(email),
        String(version),
      ]);
    });
    fc.assert(property, { numRuns: scaleRuns(200) });
    // Moves text from one part to the next.
    const shifted = fc.property(
      part,
      part,
      part,
      fc.nat(6),
      fc.nat(6),
      (first, second, third, from, to) => {
        const split = (text: string, at: number) => [text.slice(0, at), text.slice(at)] as const;
        const [[a, b], [c, d]] = [
          split(first + second + third, from),
          split(first + second + third, to),
        ];
        const of = (userId: string, id: string) =>
          message({ kind: 'invitation', tenantId: first, userId, id, email: third, version: 1 });
        expect(of(a, b) === of(c, d)).toBe(a === c && b === d);
      },
    );
    fc.assert(shifted, { numRuns: scaleRuns(200) });
  });
});

describe('link keys', () => {
  const arn = (id: string) => ({ id, key: `arn:aws:kms:local:000000000000:key/${id}` });
  /** The same service with other keys. */
  const withKeys = (...ids: string[]) =>
    createInvitationService({
      environment: {
        DIRECTORY_TABLE: service.stored.directory,
        SECRETS_TABLE: service.stored.secrets,
        LINK_KEYS: JSON.stringify(ids.map(arn)),
      },
    });

  it('can rotate: the new key signs new links, and old links stay valid while their key exists', async () => {
    const [old, owed, next, left] = [
      await inviteAndReadToken(),
      await inviteUser(),
      await inviteAndReadToken(),
      await inviteAndReadToken(),
    ];
    const rotated = await withKeys('2', '1');
    expect(outcome(await rotated.inspectLink(old.token))).toBe('200');
    expect(outcome(await rotated.acceptLink(await rotated.tokenFor(owed)))).toBe('200');
    expect(outcome(await rotated.acceptLink(old.token))).toBe('200');
    const newLink = await rotated.inviteAndReadToken();
    rotated.clock.advanceBy(minute);
    await rotated.resends(next.guest);
    const resent = await rotated.tokenFor(next.guest);

    const retired = await withKeys('2');
    expect(outcome(await retired.inspectLink(left.token))).toBe('404 not_found');
    expect(outcome(await retired.acceptLink(left.token))).toBe('404 not_found');
    for (const token of [newLink.token, resent])
      expect(outcome(await retired.acceptLink(token))).toBe('200');
    // A service with only the old key rejects new links.
    const late = await retired.inviteAndReadToken();
    expect(outcome(await inspectLink(late.token))).toBe('404 not_found');
  });

  it('are required for pending mails, which fail without their key until a resend', async () => {
    const guest = await inviteUser();
    const retired = await withKeys('2');
    await expect(retired.mailsTo(guest)).rejects.toThrow('the mail could not be got to');
    retired.clock.advanceBy(minute);
    await retired.resends(guest);
    expect(outcome(await retired.acceptLink(await retired.tokenFor(guest)))).toBe('200');
  });
});

describe('the token of a link [I09]', () => {
  it('appears in no item, log line, event, record or response except a copied link', async () => {
    await service.putRole('acme', {
      slug: 'copier',
      name: 'Copier',
      permissions: ['users:create', 'invitations:copy'],
    });
    clock.advanceBy(minute);
    const token = clock.aTokenOf('acme', ['admin', 'copier']);
    const answers: TestResponse[] = [];
    const seen = async (answer: Promise<TestResponse>) => {
      answers.push(await answer);
      return answer;
    };
    const tokens: string[] = [];
    const headers = { 'idempotency-key': 'a-whole-life' };
    const body = { email: 'whole-life@x.example', name: 'Jo' };
    const created = await seen(service.post('/v1/users', body, { token, headers }));
    const guest = toInvitedAccount(created);
    const looks = async () => {
      for (const path of ['', '/invitation', '/export'])
        await seen(requestInvitation('GET', guest, path));
      for (const path of ['/v1/users', '/v1/invitations', '/cradl/v1/users'])
        await seen(service.get(path, { token }));
      await seen(service.post('/v1/users', body, { token, headers }));
      for (const each of tokens) {
        await seen(inspectLink(each));
        await seen(
          service.post('/jitsudo/v1/auth/set-initial-password', {
            token: each,
            password: 'short',
          }),
        );
      }
    };
    tokens.push(await tokenFor(guest));
    await looks();
    clock.advanceBy(minute);
    await seen(resends(guest));
    tokens.push(await tokenFor(guest));
    await looks();
    tokens.push(parseToken((await copies(guest, { token })).body.link));
    await looks();
    await seen(acceptLink(tokens[2], `${tokens[2]} ${goodPassword}`));
    await seen(
      acceptLink(tokens[2], goodPassword, {
        headers: { 'user-agent': String(tokens[2]), referer: `https://example.com/#${tokens[2]}` },
      }),
    );
    await looks();
    const everything = [
      await readAllItems(service),
      ...getLogs,
      JSON.stringify((await aws()).events),
      ...answers.map((each) => JSON.stringify(each)),
    ];
    await requestInvitation('DELETE', guest);
    everything.push(await readAllItems(service));

    expect(new Set(tokens).size).toBe(3);
    for (const each of tokens) {
      const bytes = Buffer.from(each, 'base64url');
      const mac = bytes.subarray(37);
      for (const secret of [
        each,
        mac.toString('base64url'),
        mac.toString('base64').replace('=', ''),
        mac.toString('hex'),
      ]) {
        expect(everything.filter((text) => text.includes(secret))).toEqual([]);
      }
    }
    expect(
      (await mailsTo(guest)).map(({ tags, subject }) => JSON.stringify([tags, subject])).join(),
    ).not.toContain(tokens[0]);
  });
});

/** Parses a message with given part lengths. */
function splitParts(message: Buffer): string[] {
  const parts = [];
  for (let at = 0; at < message.length; ) {
    const end = at + 4 + message.readUInt32BE(at);
    parts.push(message.toString('utf8', at + 4, end));
    at = end;
  }
  return parts;
}
