/** Text fields of every resource: trimming, blank text, null and forbidden characters. */
import { describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  systemToken,
  tenantId,
} from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const system = systemToken('acme');
const headers = { 'x-tenant-id': tenantId.acme };
const address = () => `jo.${unique()}@example.com`;

const createUser = (body: object): Promise<TestResponse> =>
  service.post('/v1/users', { email: address(), ...body }, { token });
const patch = (userId: string, body: object): Promise<TestResponse> =>
  service.send('PATCH', `/v1/users/${userId}`, { token, body });
const refused = (path: string) => ({
  status: 400,
  body: { code: 'invalid_input', details: { issues: [{ path }] } },
});

/** Every one-line text that users see, by the request that sets it. */
const lines: Readonly<
  Record<string, readonly [field: string, send: (text: string) => Promise<TestResponse>]>
> = {
  'name of a user': ['name', (name) => createUser({ name })],
  'firstName of a user': ['firstName', (firstName) => createUser({ firstName })],
  'lastName of a user': ['lastName', (lastName) => createUser({ lastName })],
  'businessRole of a user': ['businessRole', (businessRole) => createUser({ businessRole })],
  'name of a user in an update': [
    'name',
    async (name) => patch((await createUser({})).body.userId, { name }),
  ],
  'name in Cradl': [
    'name',
    (name) => service.post('/cradl/v1/users', { email: address(), name }, { token }),
  ],
  'name in JITSudo': [
    'name',
    (name) =>
      service.post(
        '/jitsudo/v1/users',
        { email: address(), name, roles: ['user'], auth_provider: 'oidc' },
        { token, headers },
      ),
  ],
  'firstName in Credible': [
    'firstName',
    (firstName) =>
      service.post(
        '/credible/api/v0/users',
        { email: address(), userName: `u${unique()}`, firstName },
        { token: system },
      ),
  ],
  'name of an app client': ['name', (name) => service.post('/v1/app-clients', { name }, { token })],
  'name of a Cradl app client': [
    'name',
    (name) => service.post('/cradl/v1/appClients', { name }, { token }),
  ],
  'name of an API key': [
    'name',
    (name) => service.post('/jitsudo/v1/api-keys', { name }, { token, headers }),
  ],
  'name of a role': [
    'name',
    (name) => service.post('/v1/roles', { name, permissions: [] }, { token }),
  ],
  'name of a Cradl role': ['name', (name) => service.post('/cradl/v1/roles', { name }, { token })],
  'name of a tenant': [
    'name',
    (name) => service.post('/v1/tenants', { ...tenant(), name }, { token: system }),
  ],
  'ownerName of a tenant': [
    'ownerName',
    (ownerName) => service.post('/v1/tenants', { ...tenant(), ownerName }, { token: system }),
  ],
  'owner_name of a JITSudo tenant': [
    'owner_name',
    (owner_name) =>
      service.post(
        '/jitsudo/v1/tenants',
        { slug: `t-${unique()}`, name: 'Initech', owner_email: address(), owner_name },
        { token: system, headers },
      ),
  ],
};
const tenant = () => ({ slug: `t-${unique()}`, name: 'Initech', ownerEmail: address() });

describe.each(Object.entries(lines))('the %s', (_, [field, send]) => {
  it('is trimmed', async () => {
    const { status, body } = await send(
      ' \u00A0\uFEFF\u202A\u00ADAnn  O’Neil\u202C\u2800\u3164 \t\r\n',
    );
    expect(status).toBeLessThan(300);
    // Two of the responses omit the owner name.
    if (field in body) expect(body[field]).toBe('Ann  O’Neil');
  });

  it('cannot contain line breaks or control, invisible or bidi characters [31a 31b]', async () => {
    for (const [text, character, position] of [
      ['Ann \u202eeeL', 'U+202E', 5],
      ['Ann\nLee', 'U+000A', 4],
      ['Ann\u0000', 'U+0000', 4],
      ['🦊\u2066Lee', 'U+2066', 2],
      ['An\u200bn', 'U+200B', 3],
    ] as const) {
      const answer = await send(text);
      expect(answer).toMatchObject(refused(field));
      const [{ message }] = answer.body.details.issues;
      expect(message).toContain(character);
      expect(message).toContain(`position ${position}`);
    }
  });
});

describe('a name', () => {
  it.each([
    'क्‍ष',
    'മോഹന്‍',
    'می‌خواهم',
    'Zoë 🦊',
    '👩🏽‍🚀',
    '👨‍👩‍👧‍👦',
    '❤️',
    '🏴󠁧󠁢󠁷󠁬󠁳󠁿',
    '葛󠄀城',
    '山田　太郎',
    "D'Arcy-O’Neil, Jr. M.D.",
    'ٱلرَّحْمَٰن',
    'שָׁלוֹם',
    'Dr. \u200Fח\u05F3ליל',
  ])('preserves the marks and joiners of %s', async (name) => {
    expect(await createUser({ name })).toMatchObject({ status: 201, body: { name } });
  });

  it.each([
    ['a tab', 'A\tB'],
    ['a next-line control', 'A\u0085B'],
    ['a line separator', 'A\u2028B'],
    ['a right-to-left mark', 'A\u200FB'],
    ['an Arabic letter mark', 'A\u061CB'],
    ['a soft hyphen', 'A\u00ADB'],
    ['a joiner between Latin letters', 'A\u200DB'],
    ['a joiner after an accent', 'e\u0301\u200Da'],
    ['two joiners', 'क\u200D\u200Dष'],
    ['a variation selector after a Latin letter', 'A\uFE0FB'],
    ['a combining grapheme joiner', 'A\u034FB'],
    ['a Hangul filler', 'A\u3164B'],
    ['a word joiner', 'A\u2060B'],
    ['a tag', 'A\u{E0061}B'],
    ['a noncharacter', 'A\uFFFEB'],
    ['an unassigned code point', 'A\u{10FFFD}\u{50000}'],
    ['an interlinear anchor', 'A\uFFF9B'],
  ])('cannot contain %s', async (_, name) => {
    expect(await createUser({ name })).toMatchObject(refused('name'));
  });
});

describe('a URL', () => {
  const asOrigin = (origin: string) =>
    service.post('/v1/tenants', { ...tenant(), origin }, { token: system });
  const asPage = (acceptUrl: string) =>
    service.post('/v1/tenants', { ...tenant(), acceptUrl }, { token: system });
  it.each<[string, (url: string) => Promise<TestResponse>]>([
    [
      'callbackUrls.0',
      (url) => service.post('/v1/app-clients', { callbackUrls: [url] }, { token }),
    ],
    [
      'defaultLoginUrl',
      (url) => service.post('/cradl/v1/appClients', { defaultLoginUrl: url }, { token }),
    ],
    ['acceptUrl', asPage],
    ['origin', asOrigin],
  ])('in %s cannot contain whitespace or invisible characters', async (path, send) => {
    for (const [url, message] of [
      [' https://app.example.com', 'cannot contain white space'],
      ['https://app.example.com\n', 'cannot contain white space'],
      [
        'https://app.exa\u202Emple.com',
        'cannot contain the character U+202E, which changes the writing direction (position 16)',
      ],
      [
        'https://app.example.com\u200B',
        'cannot contain the character U+200B, which is invisible (position 24)',
      ],
    ] as const) {
      expect(await send(url)).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path, message }] } },
      });
    }
  });
});

describe('an external ID', () => {
  it('is stored unchanged', async () => {
    for (const externalId of [
      `CN=Jo  Smith,${unique()}`,
      `Zoë ${unique()}`,
      `${unique().repeat(21)}${'🦊'.repeat(4)}`,
    ])
      expect(await createUser({ externalId })).toMatchObject({ status: 201, body: { externalId } });
  });

  it('cannot contain control or invisible characters or surrounding whitespace', async () => {
    const { userId } = (await createUser({})).body;
    for (const externalId of [
      'a\nb',
      'a\u202Eb',
      'a\u200Bb',
      ' a',
      'a\u00A0',
      'x'.repeat(257),
      4711,
    ]) {
      expect(await createUser({ externalId })).toMatchObject(refused('externalId'));
      expect(await patch(userId, { externalId })).toMatchObject(refused('externalId'));
    }
    const { body } = await createUser({ externalId: 'hr-4711 ' });
    expect(body.details.issues[0].message).toBe('cannot begin or end with white space');
  });

  it.each(['%20hr-4711', 'hr-4711%20', '', '%20', 'a%0Ab'])(
    'in a filter cannot be %j',
    async (externalId) => {
      const answer = await service.get(`/v1/users?externalId=${externalId}`, { token });
      expect(answer).toMatchObject(refused('externalId'));
    },
  );
});

describe('a phone number', () => {
  it.each(['+14155550123', '+49301234567', '+12', '+123456789012345'])(
    '%s is stored',
    async (phoneNumber) => {
      expect(await createUser({ phoneNumber })).toMatchObject({
        status: 201,
        body: { phoneNumber },
      });
    },
  );

  it('must be in E.164 format, and the message has an example', async () => {
    for (const phoneNumber of [
      '14155550123',
      '+04155550123',
      '+1',
      '+1234567890123456',
      '+1 415 555 0123',
      '+1-415-555-0123',
      '+１４１５５５５０１２３',
      '+1415555O123',
      '0041445550123',
      14155550123,
    ])
      expect(await createUser({ phoneNumber })).toMatchObject(refused('phoneNumber'));
    const { body } = await createUser({ phoneNumber: '0041445550123' });
    expect(body.details.issues[0].message).toMatch(/E\.164.*such as \+14155550123/);
  });
});

describe('a time zone', () => {
  it.each([
    'Europe/Oslo',
    'UTC',
    'Etc/GMT+5',
    'america/new_york',
    'America/Argentina/Buenos_Aires',
  ])('%s is stored as sent', async (timeZone) => {
    expect(await createUser({ timeZone })).toMatchObject({ status: 201, body: { timeZone } });
  });

  it.each([
    '+01:00',
    '-0500',
    'GMT+1',
    'CEST',
    'Europe/Atlantis',
    'Oslo',
    ' UTC',
    'x'.repeat(65),
    2,
  ])('%j is rejected', async (timeZone) => {
    expect(await createUser({ timeZone })).toMatchObject(refused('timeZone'));
  });
});

describe('an identity', () => {
  const issuer = 'https://id.example.com';
  it('is stored unchanged', async () => {
    const identity = { issuer: `${issuer}/A b`, subject: `Jo|${unique()}` };
    expect(await createUser({ identity })).toMatchObject({ status: 201, body: { identity } });
  });

  it('cannot contain control or invisible characters or surrounding whitespace', async () => {
    for (const text of ['a\nb', 'a\u202Eb', 'a\u200Bb', ' a', 'a\u00A0', 'a\uFEFF']) {
      expect(await createUser({ identity: { issuer, subject: text } })).toMatchObject(
        refused('identity.subject'),
      );
      expect(await createUser({ identity: { issuer: text, subject: 'a' } })).toMatchObject(
        refused('identity.issuer'),
      );
    }
  });
});

describe('a description', () => {
  it('is stored unchanged, including line breaks and tabs', async () => {
    const description = ' one\r\n\ttwo\u200F \n';
    for (const [path, body] of [
      ['/v1/users', { email: address(), description }],
      ['/v1/roles', { name: 'R', permissions: [], description }],
      ['/v1/app-clients', { description }],
    ] as const) {
      expect(await service.post(path, body, { token })).toMatchObject({
        status: 201,
        body: { description },
      });
    }
  });

  it.each(['a\u0000', 'a\u001B[31m', 'a\u202Eb', 'a\u2067b', 'a\uFFFFb', 'a\u0085'])(
    'cannot be %j',
    async (description) => {
      expect(await createUser({ description })).toMatchObject(refused('description'));
    },
  );
});

describe('blank text', () => {
  const blanks = [
    '',
    ' ',
    '\t\r\n',
    '\u00A0\u3000',
    '\u0085',
    '\uFEFF',
    '\u200B',
    '\u200D',
    '\u00AD\u3164',
    '\u202A\u202C',
    '\u2800',
    '\uFE0F',
  ];

  it('is the same as omitting an optional field in a create [28a 28b]', async () => {
    for (const blank of blanks) {
      const answer = await createUser({
        name: blank,
        description: blank,
        firstName: blank,
        lastName: blank,
        businessRole: blank,
        userName: blank,
        locale: blank,
        appClientId: blank,
        avatar: blank,
        passwordHash: blank,
        authProvider: blank,
      });
      expect(answer).toMatchObject({
        status: 201,
        body: {
          name: null,
          description: null,
          firstName: null,
          lastName: null,
          businessRole: null,
          userName: null,
          locale: null,
        },
      });
      expect(answer.body).toMatchObject({
        appClientId: null,
        avatar: null,
        authProvider: 'local',
        status: 'invite_pending',
      });
    }
  });

  it('in the name is replaced by the first and last name [28a]', async () => {
    const answer = await createUser({ name: '', firstName: 'Cleo', lastName: 'Dorn' });
    expect(answer).toMatchObject({ status: 201, body: { name: 'Cleo Dorn' } });
  });

  it('removes the value in an update', async () => {
    const { userId } = (
      await createUser({
        name: 'Jo',
        firstName: 'J',
        description: 'x',
        locale: 'de',
        userName: `u${unique()}`,
      })
    ).body;
    const answer = await patch(userId, {
      name: ' ',
      firstName: '',
      description: '\n',
      locale: '',
      userName: '\u00A0',
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { name: null, firstName: null, description: null, locale: null, userName: null },
    });
  });

  it('is rejected in a required field', async () => {
    const { userId } = (await createUser({})).body;
    for (const blank of blanks) {
      expect(await createUser({ email: blank })).toMatchObject(refused('email'));
      expect(await patch(userId, { email: blank })).toMatchObject(refused('email'));
      expect(
        await service.post('/v1/roles', { name: blank, permissions: [] }, { token }),
      ).toMatchObject(refused('name'));
      expect(
        await service.post('/v1/tenants', { ...tenant(), name: blank }, { token: system }),
      ).toMatchObject(refused('name'));
      expect(
        await service.post('/jitsudo/v1/api-keys', { name: blank }, { token, headers }),
      ).toMatchObject(refused('name'));
    }
  });

  it('is checked as a password if it has characters', async () => {
    expect(await createUser({ password: ' '.repeat(20) })).toMatchObject({
      status: 422,
      body: { code: 'password_rejected' },
    });
  });
});

describe('null', () => {
  it.each([
    'firstName',
    'lastName',
    'userName',
    'businessRole',
    'externalId',
    'phoneNumber',
    'timeZone',
    'locale',
    'metadata',
    'tutorialStatus',
    'appClientId',
    'identity',
    'avatar',
    'name',
    'description',
    'roleIds',
    'authProvider',
    'password',
    'passwordHash',
    'acceptWeakPasswordHash',
  ])('in a create is the same as omitting %s [27]', async (field) => {
    expect((await createUser({ [field]: null })).status).toBe(201);
  });

  it.each<[string, string, object, number, string]>([
    [
      'a user of Cradl',
      '/cradl/v1/users',
      { name: null, description: null, metadata: null, roleIds: null, appClientId: null },
      200,
      token,
    ],
    [
      'a user of JITSudo',
      '/jitsudo/v1/users',
      { avatar_base64: null, auth_provider: null },
      201,
      token,
    ],
    [
      'a user of Credible',
      '/credible/api/v0/users',
      { password: null, firstName: null, tutorialStatus: null },
      201,
      system,
    ],
    ['a role', '/v1/roles', { roleId: null, description: null, metadata: null }, 201, token],
    [
      'a role of Cradl',
      '/cradl/v1/roles',
      { name: null, description: null, permissions: null, metadata: null },
      200,
      token,
    ],
    [
      'an API key',
      '/jitsudo/v1/api-keys',
      { scopes: null, expires_at: null, identity_provider_id: null },
      201,
      token,
    ],
    ['a secret', '/v1/app-clients/{id}/secrets', { overlapSeconds: null }, 201, token],
    [
      'an app client',
      '/v1/app-clients',
      {
        name: null,
        roleIds: null,
        callbackUrls: null,
        logoutUrls: null,
        loginUrls: null,
        defaultLoginUrl: null,
        expiresTime: null,
        generateSecret: null,
      },
      201,
      token,
    ],
    [
      'an app client of Cradl',
      '/cradl/v1/appClients',
      {
        name: null,
        description: null,
        roleIds: null,
        callbackUrls: null,
        defaultLoginUrl: null,
        generateSecret: null,
      },
      200,
      token,
    ],
    [
      'a tenant',
      '/v1/tenants',
      {
        origin: null,
        uniqueness: null,
        locale: null,
        ownerName: null,
        acceptUrl: null,
        resetUrl: null,
        confirmUrl: null,
        verifyUrl: null,
        sender: null,
        invitationDays: null,
        passwordMinLength: null,
      },
      201,
      system,
    ],
    [
      'a tenant of JITSudo',
      '/jitsudo/v1/tenants',
      { owner_name: null, locale: null, origin: null, sso_region: null },
      201,
      system,
    ],
  ])(
    'in a create of %s is the same as omitting the field',
    async (_, path, nulls, status, caller) => {
      const slug = `t-${unique()}`;
      const required: Readonly<Record<string, object>> = {
        '/cradl/v1/users': { email: address() },
        '/jitsudo/v1/users': {
          email: address(),
          name: 'Jo',
          roles: ['user'],
          password: goodPassword,
        },
        '/credible/api/v0/users': { email: address(), userName: slug },
        '/v1/roles': { name: 'R', permissions: [] },
        '/jitsudo/v1/api-keys': { name: 'K' },
        '/v1/tenants': { slug, name: 'Initech', ownerEmail: address() },
        '/jitsudo/v1/tenants': { slug, name: 'Initech', owner_email: address() },
      };
      const { body } = await service.post('/v1/app-clients', {}, { token });
      const answer = await service.post(
        path.replace('{id}', body.appClientId),
        { ...required[path], ...nulls },
        { token: caller, headers },
      );
      expect([answer.status, answer.text]).toEqual([status, answer.text]);
    },
  );

  it('in a create is the same as omitting a tutorial flag', async () => {
    const unset = {
      hasClickedCreateModel: false,
      doNotShowModelIntro: false,
      doNotShowSchemaExplorerTip: false,
      doNotShowTutorialInHomePanel: false,
    };
    for (const tutorialStatus of [
      {},
      { projectTutorial: null },
      { projectTutorial: { doNotShowModelIntro: null } },
    ]) {
      expect(await createUser({ tutorialStatus })).toMatchObject({
        status: 201,
        body: { tutorialStatus: { projectTutorial: unset } },
      });
    }
  });

  it('is rejected in a required field', async () => {
    expect(await createUser({ email: null })).toMatchObject(refused('email'));
    expect(
      await createUser({ identity: { issuer: 'https://id.example.com', subject: null } }),
    ).toMatchObject(refused('identity.subject'));
  });
});

describe('a language tag', () => {
  it.each([
    ['de_DE', 'de-DE'],
    ['DE-ch', 'de-CH'],
    [' en ', 'en'],
    ['zh_hant_tw', 'zh-Hant-TW'],
    ['iw', 'he'],
    ['sr-Latn-RS', 'sr-Latn-RS'],
    ['es-419', 'es-419'],
    ['en-US-u-ca-buddhist', 'en-US-u-ca-buddhist'],
  ])('%j is stored as %j [29e]', async (locale, stored) => {
    expect(await createUser({ locale })).toMatchObject({ status: 201, body: { locale: stored } });
  });

  it.each([
    'en*US',
    'en-US@',
    '..',
    'German (Germany)',
    'German',
    'english',
    'de_DE.UTF-8',
    'C',
    'x',
    'x-private',
    'i-klingon',
    'de-',
    '-de',
    'de--DE',
    'de-DE-DE',
    'de-123456789',
    'd',
    '12',
    'de DE',
    'dе',
    'de-u',
    'deutsch',
    'root',
    'de-\u200BDE',
    7,
    ['de'],
    {},
  ])('%j is rejected [29a-d]', async (locale) => {
    expect(await createUser({ locale })).toMatchObject(refused('locale'));
  });

  it('of a tenant must be a supported mail language', async () => {
    expect(
      await service.post('/v1/tenants', { ...tenant(), locale: 'de_CH' }, { token: system }),
    ).toMatchObject({
      status: 201,
      body: { locale: 'de-CH' },
    });
    for (const locale of ['it', 'dex', 'denglish', 'en*'])
      expect(
        await service.post('/v1/tenants', { ...tenant(), locale }, { token: system }),
      ).toMatchObject(refused('locale'));
  });
});

describe('an email address with surrounding whitespace', () => {
  it.each([
    ' %',
    '% ',
    '%\t',
    '\uFEFF%',
    '%\u00A0',
    '\u2003%\u3000',
    '%\u200B',
    '%\r\n',
    '\u0085%',
  ])('%j is trimmed [23a-c 23f]', async (form) => {
    const email = address();
    const spaced = form.replace('%', email);
    expect(await createUser({ email: spaced })).toMatchObject({ status: 201, body: { email } });
    const conflict = { status: 409, body: { code: 'user_exists' } };
    expect(await service.post('/cradl/v1/users', { email: spaced }, { token })).toMatchObject(
      conflict,
    );
    const jitsudo = { email: spaced, name: 'Jo', roles: ['user'], auth_provider: 'oidc' };
    expect(await service.post('/jitsudo/v1/users', jitsudo, { token, headers })).toMatchObject(
      conflict,
    );
    const credible = { email: spaced, userName: `u${unique()}` };
    expect(await service.post('/credible/api/v0/users', credible, { token: system })).toMatchObject(
      conflict,
    );
    expect(
      await service.get(`/credible/api/v0/users/${encodeURIComponent(spaced)}`, { token: system }),
    ).toMatchObject({ status: 200 });
  });

  it('can sign in [23d]', async () => {
    const [email, userName] = [address(), `u${unique()}`];
    await createUser({ email, userName, password: goodPassword });
    for (const account of [
      { email: `${email} ` },
      { email: ` ${email}\u00A0` },
      { userName: `${userName} ` },
    ]) {
      expect(
        (
          await service.post('/v1/auth/token', {
            tenant: 'acme ',
            password: goodPassword,
            ...account,
          })
        ).status,
      ).toBe(200);
    }
    const login = { tenant_slug: 'acme', email: `${email} `, password: goodPassword };
    expect((await service.post('/jitsudo/v1/auth/login', login)).status).toBe(200);
  });

  it('is accepted by a password reset [23e]', async () => {
    const email = address();
    await createUser({ email, password: goodPassword });
    for (const [path, body] of [
      ['/v1/auth/password-reset', { tenant: 'acme', email: `${email} ` }],
      ['/jitsudo/v1/auth/request-password-reset', { tenant_slug: 'acme', email: `\u00A0${email}` }],
    ] as const) {
      expect((await service.post(path, body)).status).toBe(202);
    }
  });

  it('is accepted as the owner of a tenant', async () => {
    const answer = await service.post(
      '/v1/tenants',
      { ...tenant(), ownerEmail: ` ${address()} ` },
      { token: system },
    );
    expect(answer.status).toBe(201);
  });

  it('cannot contain whitespace inside, and the message says so', async () => {
    const answer = await createUser({ email: 'jo smith@example.com' });
    expect(answer).toMatchObject(refused('email'));
    expect(answer.body.details.issues[0].message).toContain('white space');
  });
});

describe('fields that a create does not support', () => {
  it.each([
    ['/v1/users', 'active', false],
    ['/v1/users', 'email_verified', true],
    ['/cradl/v1/users', 'emailVerified', true],
    ['/jitsudo/v1/users', 'active', false],
    ['/jitsudo/v1/users', 'email_verified', true],
    ['/jitsudo/v1/users', 'actve', false],
    ['/credible/api/v0/users', 'emailVerified', true],
  ])('are rejected by name in %s: %s [26a-c]', async (path, field, value) => {
    const body = {
      email: address(),
      name: 'Kim',
      roles: ['user'],
      auth_provider: 'local',
      password: goodPassword,
      [field]: value,
    };
    const answer = await service.post(path, body, {
      token: path.startsWith('/credible') ? system : token,
      headers,
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.details.issues)).toContain(field);
  });

  it.each([
    { name: 'Kim B', email_verified: true },
    { name: 'Kim C', departement: 'x' },
  ])('are rejected in a JITSudo update: %j [26d]', async (body) => {
    const { userId } = (await createUser({})).body;
    const id = userId.replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    expect(
      (await service.send('PUT', `/jitsudo/v1/users/${id}`, { token, headers, body })).status,
    ).toBe(400);
  });
});

describe('metadata', () => {
  it('is replaced by an update in Cradl, and merged in the native API', async () => {
    const { userId } = (await createUser({ metadata: { a: 1, b: { c: 2 } } })).body;
    const patchMetadata = (path: string, body: object) =>
      service.send('PATCH', `${path}/${userId}`, { token, body });
    expect((await patchMetadata('/v1/users', { metadata: { b: { d: 3 } } })).body.metadata).toEqual(
      {
        a: 1,
        b: { c: 2, d: 3 },
      },
    );
    expect(
      (await patchMetadata('/cradl/v1/users', { metadata: { b: { e: null } } })).body.metadata,
    ).toEqual({ b: { e: null } });
    expect((await patchMetadata('/cradl/v1/users', { metadata: null })).body.metadata).toEqual({});
  });

  it('of a role is replaced and merged in the same way', async () => {
    const { roleId } = (
      await service.post('/v1/roles', { name: 'R', permissions: [], metadata: { a: 1 } }, { token })
    ).body;
    const patchMetadata = (path: string, body: object) =>
      service.send('PATCH', `${path}/${roleId}`, { token, body });
    expect((await patchMetadata('/v1/roles', { metadata: { b: 2 } })).body.metadata).toEqual({
      a: 1,
      b: 2,
    });
    expect(
      (await patchMetadata('/cradl/v1/roles', { metadata: { c: null } })).body.metadata,
    ).toEqual({
      c: null,
    });
  });
});
