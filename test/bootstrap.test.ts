import { execFile } from 'node:child_process';
import { describe, expect, inject, test } from 'vitest';
import { keys } from '../lib/store/keys.ts';
import { aService } from './steps.ts';

const { stored } = await aService();

/** Runs `npm run bootstrap` for a tenant in the directory of this service. */
const bootstrap = (...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const where = ['--table', stored.directory, '--endpoint', inject('databaseEndpoint')];
    execFile(process.execPath, ['infra/bootstrap.ts', '--origin', 'https://umbrella.example', ...args, ...where], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: (stdout + stderr).trim() }),
    );
  });

test('a tenant may have a page, a sender, a language and a time of its own for its invitations', async () => {
  const own = { acceptUrl: 'https://welcome.example/join', sender: 'hello@umbrella.example', locale: 'de-CH', invitationDays: 30 };
  const mail = ['--accept-url', own.acceptUrl, '--sender', own.sender, '--locale', own.locale];
  const { code, output: tenantId } = await bootstrap('--tenant', 'umbrella', ...mail, '--invitation-days', '30');
  expect(code).toBe(0);
  expect(await stored.item(keys.tenant(tenantId))).toMatchObject(own);
});

test('a tenant without any of them has what the deployment has', async () => {
  const { output: tenantId } = await bootstrap('--tenant', 'initech');
  const tenant = await stored.item(keys.tenant(tenantId));
  expect(tenant).toMatchObject({ origin: 'https://umbrella.example', locale: 'en' });
  for (const field of ['acceptUrl', 'sender', 'invitationDays']) expect(tenant).not.toHaveProperty(field);
});

describe('no tenant is written', () => {
  test.concurrent.each([
    ['with a page on plain http', '--accept-url', 'http://welcome.example/join'],
    ['with a page whose address has no room for a token', '--accept-url', 'https://welcome.example/#join'],
    ['with a sender that is no address', '--sender', 'Umbrella'],
    ['in a language that no mail is in', '--locale', 'fr'],
    ['with invitations that never end', '--invitation-days', '31'],
    ['with invitations that end at once', '--invitation-days', '0'],
  ])('%s', async (_why, option, value) => {
    const { code, output } = await bootstrap('--tenant', 'acme-too', option, value);
    expect([code, output]).toEqual([1, expect.stringMatching(new RegExp(`^${option} must be [^]*\n\nUsage: npm run bootstrap`))]);
  });
});
