/**
 * Invariants of every input: no 5xx, no leaked secret, and accepted values are returned unchanged
 * [R12 J10].
 */
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { trimText } from '../../lib/api/characters.ts';
import { adapters, password, createSpeaker, unique } from '../support/dialects/dialects.ts';
import type { Stage } from '../support/dialects/stage.ts';
import { getLogs } from '../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  adminToken,
  systemToken,
  tenantId,
} from '../support/service.ts';
import { anyCharacter, scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();
const tokens = { admin: adminToken('acme'), system: systemToken('acme') };
const stage: Stage = { ...service, tokens, tenantId: tenantId.acme, tenantHost: undefined };
const json = { 'content-type': 'application/json' };

/** Any code point except surrogates, which JSON text cannot contain. */
const anyText = (maxLength: number) => fc.string({ unit: anyCharacter, maxLength });
/** Visible text, of one line or of several. */
const anyLine = (maxLength: number) =>
  anyText(maxLength).map(
    (text) =>
      trimText(
        text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu, ''),
      ) || 'x',
  );
const anyBlock = (maxLength: number) =>
  anyText(maxLength - 1).map(
    (text) => text.replaceAll(/(?![\t\n\r])[\p{Cc}\p{Cn}\u202A-\u202E\u2066-\u2069]/gu, '') + '.',
  );
const anyValue = fc.jsonValue({ maxDepth: 3, stringUnit: anyCharacter });
const asJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Part of every password in this file, and of no other value. */
const mark = unique();
const acceptedPasswords = [`${mark} ${password}`, `${password} ${mark}`];
const anyPassword = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...acceptedPasswords) },
  anyText(40).map((text) => `${text}${mark}${text}`),
  fc.constant(mark),
  fc.constant(mark.repeat(100)),
  fc.constant([mark]),
  fc.constant({ [mark]: mark }),
);

function expectSafe({ status, text, headers }: TestResponse): void {
  expect(status).toBeLessThan(500);
  expect(text + JSON.stringify(headers)).not.toContain(mark);
}

describe.each(adapters)('in $name', (dialect) => {
  const { least, most, created, nameIn } = dialect;
  const { creates, gets } = createSpeaker(dialect, stage);

  it('any JSON body is handled without a 5xx status or a leaked secret', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyValue, fc.dictionary(fc.constantFrom(...Object.keys(most(''))), anyValue)),
        async (value) => {
          expectSafe(await creates(JSON.stringify(value), { headers: json }));
        },
      ),
      { numRuns: scaleRuns(16) },
    );
  });

  it('any field values are handled without a 5xx status or a leaked secret', async () => {
    const fields = Object.keys(most(''));
    const anyField = fc.tuple(fc.constantFrom(...fields), fc.oneof(anyText(80), anyValue));
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyField, { maxLength: 2 }),
        anyPassword,
        async (changes, secret) => {
          const answer = await creates({
            ...most(unique()),
            ...Object.fromEntries(changes),
            password: secret,
          });
          expectSafe(answer);
          if (answer.status === created)
            expectSafe(await gets(encodeURIComponent(nameIn(answer.body))));
        },
      ),
      // Stores passwords in every run.
      {
        numRuns: scaleRuns(14) + acceptedPasswords.length,
        examples: acceptedPasswords.map((secret): [[], string] => [[], secret]),
      },
    );
  });

  it('any text or bytes are handled without a 5xx status or a leaked secret', async () => {
    const user = JSON.stringify({ ...least(unique()), password: mark });
    const cut = fc.nat(user.length).map((end) => user.slice(0, end));
    const spliced = fc
      .tuple(fc.nat(user.length), anyText(5))
      .map(([at, text]) => user.slice(0, at) + text + user.slice(at));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(cut, spliced, anyText(50), fc.uint8Array({ maxLength: 50 }), fc.json()),
        async (body) => {
          expectSafe(await creates(body, { headers: json }));
        },
      ),
      { numRuns: scaleRuns(14) },
    );
  });

  it('any path returns 404', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }),
        async (name) => {
          // The gateway decodes these again, and can respond itself.
          fc.pre(!/[%?/]/.test(name));
          expect((await gets(encodeURIComponent(name))).status).toBe(404);
        },
      ),
      { numRuns: scaleRuns(14) },
    );
  });
});

describe('accepted values are returned unchanged', () => {
  const { creates, gets } = createSpeaker(adapters[0]!, stage);
  const createAndGet = async (body: object) => {
    const created = await creates({ email: `jsmith.${unique()}@example.com`, ...body });
    expect(created.status).toBe(201);
    const read = await gets(created.body.userId);
    expect(read.body).toEqual(created.body);
    return read.body;
  };

  it('for any JSON metadata', async () => {
    const anyName = anyText(20).filter((name) => name !== '__proto__');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(anyName, anyValue), async (metadata) => {
        fc.pre(!JSON.stringify(metadata).includes('"__proto__"'));
        expect((await createAndGet({ metadata })).metadata).toStrictEqual(asJson(metadata));
      }),
      { numRuns: scaleRuns(14) },
    );
  });

  it('for any double', async () => {
    const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(anyNumber, { minLength: 200, maxLength: 200 }), async (numbers) => {
        expect((await createAndGet({ metadata: { numbers } })).metadata.numbers).toStrictEqual(
          asJson(numbers),
        );
      }),
      { numRuns: scaleRuns(8) },
    );
  });

  it('for any name and description', async () => {
    const line = (maxLength: number) => fc.option(anyLine(maxLength), { nil: null });
    const texts = fc.record({
      name: line(4096),
      description: fc.option(anyBlock(4096), { nil: null }),
      firstName: line(255),
      lastName: line(255),
      businessRole: line(255),
    });
    await fc.assert(
      fc.asyncProperty(texts, async (sent) => {
        const { name, ...rest } = await createAndGet(sent);
        const { name: sentName, ...sentRest } = sent;
        expect(rest).toMatchObject(sentRest);
        if (sentName !== null) expect(name).toBe(sentName);
        else expect(name).toBe([sent.firstName, sent.lastName].filter(Boolean).join(' ') || null);
      }),
      { numRuns: scaleRuns(16) },
    );
  });

  it('for names in the other dialects', async () => {
    const [cradl, jitsudo, credible] = adapters
      .slice(1)
      .map((dialect) => ({ ...dialect, ...createSpeaker(dialect, stage) }));
    await fc.assert(
      fc.asyncProperty(
        anyLine(255),
        fc.constantFrom(cradl!, jitsudo!, credible!),
        async (text, { name, least, creates, gets, nameIn }) => {
          const field = name === 'credible' ? 'lastName' : 'name';
          const { body } = await creates({ ...least(unique()), [field]: text });
          expect((await gets(nameIn(body))).body[field]).toBe(text);
        },
      ),
      { numRuns: scaleRuns(14) },
    );
  });

  it('for emails that match the published pattern of Cradl, within the length limits', async () => {
    const published = /^[A-Za-z0-9][-+._A-Za-z0-9]*@([-_.A-Za-z0-9]+\.)+[A-Za-z]{2,}$/;
    const isWithinLimits = (email: string) =>
      email.length <= 254 && email.indexOf('@') <= 64 && !/[^.@]{64}/.test(email);
    const cradl = createSpeaker(adapters[1]!, stage);
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(published).filter(isWithinLimits), async (email) => {
        const answer = await cradl.creates({ email });
        expect([200, 409]).toContain(answer.status);
        if (answer.status === 200) expect((await gets(answer.body.userId)).body.email).toBe(email);
      }),
      { numRuns: scaleRuns(14) },
    );
  });
});

it('every ID is new and finds its user in each notation', async () => {
  const [native, , jitsudo] = adapters.map((dialect) => ({
    ...dialect,
    ...createSpeaker(dialect, stage),
  }));
  const ids = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('cradl', 'las'), fc.boolean(), async (prefix, upperCase) => {
      const { body } = await native!.creates(native!.least(unique()));
      const hex: string = body.userId.slice('cradl:user:'.length);
      for (const id of [hex, body.profileId.slice('cradl:profile:'.length)]) {
        expect(id).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
        expect(ids).not.toContain(id);
        ids.add(id);
      }
      expect((await native!.gets(`${prefix}:user:${hex}`)).body).toEqual(body);
      const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
      const inJitsudo = await jitsudo!.gets(upperCase ? uuid.toUpperCase() : uuid);
      expect(inJitsudo.body).toMatchObject({ id: uuid, email: body.email });
    }),
    { numRuns: scaleRuns(12) },
  );
});

afterAll(async () => {
  const secrets = await service.stored.all(service.stored.secrets);
  const hashes = secrets.map(({ passwordHash }) => String(passwordHash));
  expect(hashes.length).toBeGreaterThan(3);
  const everywhere = getLogs.join('') + JSON.stringify(await service.stored.all());
  for (const secret of [mark, '$argon2', ...hashes.flatMap((hash) => hash.split('$').slice(4))])
    expect(everywhere).not.toContain(secret);
});
