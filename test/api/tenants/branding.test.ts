import { assert as assertProperty, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deriveAccentColors,
  getContrast,
  minContrast,
  surfaces,
} from '../../../lib/domain/branding/accent-colors.ts';
import { parseLogo } from '../../../lib/domain/branding/logo.ts';
import { keys } from '../../../lib/store/keys.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { createInvitationService } from '../../support/scenarios/invitations.ts';
import { createPng, jpegHeader, toDataUri, webpHeaders } from '../../support/scenarios/logos.ts';
import { adminToken, systemToken, tenantId, type TenantSlug } from '../../support/service.ts';

const { service, ...life } = await createInvitationService();
const setBranding = (branding: object | null, slug: TenantSlug = 'acme') =>
  service.send('PATCH', `/v1/tenants/${tenantId[slug]}`, {
    token: adminToken(slug),
    body: { branding },
  });
/** Sign-in methods and mails use tenants that are up to 30 s old. */
const passCacheTime = () => life.clock.advanceBy(31_000);
const readTenant = async (slug: TenantSlug = 'acme') =>
  (await service.get(`/v1/tenants/${tenantId[slug]}`, { token: adminToken(slug) })).body;
const getPath = (url: string) => new URL(url).pathname;
const image = createPng(30, 20);
const logo = toDataUri('png', image);

describe('the branding of a tenant', () => {
  it('is changed field by field by its administrators, and removed with null', async () => {
    const none = { displayName: null, accentColor: null, logo: null };
    expect((await readTenant()).branding).toBeNull();
    expect(await setBranding({ displayName: ' Acme Cloud ' })).toMatchObject({
      status: 200,
      body: { branding: { ...none, displayName: 'Acme Cloud' } },
    });
    const changed = await setBranding({ accentColor: '#0B6E4F', logo });
    const branding = { displayName: 'Acme Cloud', accentColor: '#0b6e4f' };
    expect(changed.body.branding).toEqual({
      ...branding,
      logo: expect.stringMatching(`^https://example\\.com/v1/logos/${tenantId.acme}/[0-9a-f]{32}$`),
    });
    // Clients send back what they read, and the same image.
    const { version } = changed.body;
    for (const same of [changed.body.branding, { logo }, {}])
      expect((await setBranding(same)).body).toMatchObject({ version });
    expect((await setBranding({ displayName: null, logo: null })).body.branding).toEqual({
      ...none,
      accentColor: '#0b6e4f',
    });
    expect((await setBranding({ accentColor: null })).body.branding).toBeNull();
    await setBranding(branding);
    expect((await setBranding(null)).body.branding).toBeNull();
    expect(await service.stored.item(keys.tenant(tenantId.acme))).not.toHaveProperty('branding');
  });

  it('is part of a new tenant', async () => {
    const draft = {
      slug: 'branded',
      name: 'Branded',
      ownerEmail: 'owner@branded.example',
      branding: { accentColor: '#ffd400', logo },
    };
    const { body } = await service.post('/v1/tenants', draft, { token: systemToken('acme') });
    expect(body.branding).toMatchObject({ displayName: null, accentColor: '#ffd400' });
    expect((await service.get(getPath(body.branding.logo))).bytes).toEqual(image);
  });

  it('rejects other values', async () => {
    const type = 'must be a data URI (base64) of a PNG, JPEG or WebP image';
    const size = 'must have a width and height of 1 to 1024 pixels';
    const noSize = createPng(1, 1);
    noSize.writeUInt32BE(0, 16);
    const cases: readonly [object, string, string?][] = [
      [{ displayName: '' }, 'displayName'],
      [{ displayName: 'a\nb' }, 'displayName'],
      [{ displayName: 'x'.repeat(256) }, 'displayName'],
      [{ accentColor: 'red' }, 'accentColor', 'must be a color such as #3a4fa8'],
      [{ accentColor: '#fff' }, 'accentColor'],
      [{ accentColor: '#3a4fa8;x' }, 'accentColor'],
      [{ favicon: logo }, 'favicon'],
      [{ logo: '<svg/>' }, 'logo', type],
      [{ logo: toDataUri('svg+xml', Buffer.from('<svg/>')) }, 'logo', type],
      [{ logo: toDataUri('gif', Buffer.from('GIF89a'.padEnd(64))) }, 'logo', type],
      [{ logo: toDataUri('jpeg', image) }, 'logo', type],
      [{ logo: toDataUri('png', jpegHeader) }, 'logo', type],
      [{ logo: toDataUri('png', image.subarray(0, 20)) }, 'logo', type],
      [{ logo: `${logo}=` }, 'logo', type],
      [{ logo: logo.replace('base64,', 'base64, ') }, 'logo', type],
      [
        { logo: toDataUri('png', createPng(1, 1, '#000000', 65_536)) },
        'logo',
        'must have at most 65536 bytes',
      ],
      [{ logo: 'x'.repeat(90_001) }, 'logo'],
      [{ logo: toDataUri('png', createPng(1025, 1)) }, 'logo', size],
      [{ logo: toDataUri('png', createPng(1, 1025)) }, 'logo', size],
      [{ logo: toDataUri('png', noSize) }, 'logo', size],
      [
        { logo: 'https://evil.example/logo.png' },
        'logo',
        'must be a data URI, or the URL of the current logo',
      ],
    ];
    for (const [branding, field, message] of cases) {
      const answer = await expectNoWrites(service, () => setBranding(branding));
      expect(answer).toMatchObject({
        status: 400,
        body: {
          details: {
            issues: [{ path: `branding.${field}`, message: message ?? expect.any(String) }],
          },
        },
      });
    }
  });

  it('accepts each image type, and stores the size from its header', () => {
    const size = { width: 300, height: 200 };
    expect(parseLogo(toDataUri('png', createPng(300, 200)))).toMatchObject(size);
    expect(parseLogo(toDataUri('jpeg', jpegHeader))).toMatchObject(size);
    for (const header of Object.values(webpHeaders))
      expect(parseLogo(toDataUri('webp', header))).toMatchObject(size);
    // A truncated or damaged header has no size.
    for (const [type, header] of [
      ['jpeg', jpegHeader],
      ...Object.values(webpHeaders).map((each) => ['webp', each] as const),
    ] as const) {
      for (let length = 1; length < Math.min(header.length, 28); length++)
        expect(parseLogo(toDataUri(type, header.subarray(0, length)))).toContain('data URI');
    }
  });
});

describe('a logo', () => {
  it('is public, cacheable and without rights in a browser', async () => {
    const { body } = await setBranding({ logo });
    const path = getPath(body.branding.logo);
    const answer = await service.get(path);
    expect(answer.bytes).toEqual(image);
    const version = path.split('/').at(-1) ?? '';
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'image/png',
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
        etag: `"${version}"`,
      },
    });
    const headers = { 'if-none-match': `"${version}"` };
    expect((await service.get(path, { headers })).status).toBe(304);
    expect((await service.send('HEAD', path)).status).toBe(200);

    const unknown = [
      path.replace(tenantId.acme, tenantId.globex),
      path.replace(tenantId.acme, '11111111-1111-4111-8111-111111111111'),
      path.replace(tenantId.acme, 'acme'),
      path.replace(version, '0'.repeat(32)),
      path.replace(version, version.toUpperCase()),
      path.replace(version, '1'),
    ];
    for (const other of unknown) {
      expect(await service.get(other)).toMatchObject({
        status: 404,
        headers: { 'cache-control': 'no-store' },
        body: { code: 'not_found', message: 'The logo does not exist' },
      });
    }
  });

  it('is replaced and erased, and is neither in lists nor in change records', async () => {
    const first = (await setBranding({ logo })).body.branding.logo;
    const other = toDataUri('png', createPng(8, 8, '#ff0000'));
    const { branding, version } = (await setBranding({ logo: other })).body;
    expect(branding.logo).not.toBe(first);
    expect((await service.get(getPath(first))).status).toBe(404);
    expect((await service.get(getPath(branding.logo))).status).toBe(200);
    const list = await service.get('/v1/tenants', { token: systemToken('acme') });
    const record = await service.stored.item(keys.tenantChange(tenantId.acme, version));
    for (const text of [list.text, JSON.stringify(record)]) {
      expect(text).toContain('branding');
      expect(text).not.toContain(logo.slice(30, 60));
    }
    expect(JSON.parse(record?.['before'])).toEqual({ branding: expect.any(Object) });

    await setBranding({ logo: null });
    expect((await service.get(getPath(branding.logo))).status).toBe(404);
    expect(await service.stored.item(keys.logo(tenantId.acme))).not.toHaveProperty('image');
  });
});

describe('pages and mails', () => {
  it('have the branding of the tenant', async () => {
    const set = { displayName: 'Acme Cloud', accentColor: '#ffd400', logo };
    const { branding } = (await setBranding(set)).body;
    passCacheTime();
    const { token, guest } = await life.inviteAndReadToken();
    const inspected = await life.inspectLink(token);
    expect(inspected.body).toMatchObject({ tenant: { name: 'Acme' }, branding });
    expect(inspected.body.password.mustNotContain).toContain('acme cloud');
    for (const query of ['?slug=acme', ''])
      expect(
        (
          await service.get(`/v1/auth/providers${query}`, {
            headers: { 'x-tenant-id': tenantId.acme },
          })
        ).body,
      ).toMatchObject({ tenantId: tenantId.acme, branding });

    const mail = (await life.mailsTo(guest)).at(-1);
    expect(mail?.subject).toBe("You're invited to join Acme Cloud");
    expect(mail?.text).toContain('Acme Cloud created an account for');
    expect(mail?.text).not.toContain('/v1/logos/');
    expect(mail?.html).toContain(
      `<img src="${branding.logo}" alt="Acme Cloud" width="30" height="20"`,
    );
    expect(mail?.html).toContain('background:#ffd400;color:#000000');

    // A display name that could mislead is left out, as a name is.
    const large = toDataUri('png', createPng(600, 300));
    await setBranding({ displayName: 'Pay at evil.example', accentColor: '#3a4fa8', logo: large });
    passCacheTime();
    const { guest: other } = await life.inviteAndReadToken();
    const fallback = (await life.mailsTo(other)).at(-1);
    expect(fallback?.subject).toBe("You're invited to join Acme");
    expect(fallback?.html).toContain('alt="Acme" width="96" height="48"');
    expect(fallback?.html).toContain('background:#3a4fa8;color:#ffffff');
  });

  it('show no branding of a tenant without one', async () => {
    const { token, guest } = await life.inviteAndReadToken({}, { slug: 'globex' });
    expect((await life.inspectLink(token)).body).toMatchObject({
      tenant: { name: 'Globex' },
      branding: null,
    });
    expect((await service.get('/v1/auth/providers?slug=globex')).body.branding).toBeNull();
    expect((await life.mailsTo(guest)).at(-1)?.html).not.toContain('<img');
    await setBranding({ accentColor: '#000000' }, 'globex');
    passCacheTime();
    expect((await service.get('/v1/auth/providers?slug=globex')).body.branding).toEqual({
      displayName: 'Globex',
      accentColor: '#000000',
      logo: null,
    });
    const unknown = { headers: { 'x-tenant-id': '11111111-1111-4111-8111-111111111111' } };
    expect((await service.get('/v1/auth/providers', unknown)).status).toBe(404);
    expect((await service.get('/v1/auth/providers')).status).toBe(400);
    const host = { host: 'globex.admin.localhost' };
    expect((await service.get('/v1/auth/providers', host)).body.tenantId).toBe(tenantId.globex);
  });

  it('have readable text in every accent color', () => {
    const color = integer({ min: 0, max: 0xff_ff_ff }).map(
      (value) => `#${value.toString(16).padStart(6, '0')}`,
    );
    assertProperty(
      property(color, (accentColor) => {
        const { button, onButton, onLight, onDark } = deriveAccentColors(accentColor);
        expect(button).toBe(accentColor);
        const pairs = [
          [onButton, button],
          [onLight, surfaces.light],
          [onDark, surfaces.dark],
        ] as const;
        for (const [text, background] of pairs)
          expect(getContrast(text, background)).toBeGreaterThanOrEqual(minContrast);
        // A readable color does not change.
        if (getContrast(accentColor, surfaces.light) >= minContrast)
          expect(onLight).toBe(accentColor);
      }),
      { examples: [['#000000'], ['#ffffff'], ['#777777'], ['#767676'], ['#ff0000'], ['#ffd400']] },
    );
    // Examples of the definition in WCAG 2.2.
    expect(getContrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(getContrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
  });
});
