/** Users of a connection after changes by other APIs. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { scaleRuns } from '../../support/property-runs.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createScimUsers } from '../../support/scim/scim-users.ts';
import { createTestService } from '../../support/service.ts';

const service = await createTestService();

const name = fc.constantFrom('Ann', 'Lee', 'Ann Lee', 'Dr Ann Lee');
const label = fc.option(name, { nil: undefined });
const locale = fc.constantFrom('de', 'en-US', 'pt-BR');
/** The unusable one stays as sent. */
const sentLocale = fc.option(fc.oneof(locale, fc.constant('en_US!')), { nil: undefined });
const email = fc.constantFrom('a', 'b', 'c').map((local) => `${local}@x.org`);

const sentAttributes = fc.record({
  name: fc.option(fc.record({ formatted: label, givenName: label, familyName: label }), {
    nil: undefined,
  }),
  displayName: label,
  title: label,
  locale: sentLocale,
  preferredLanguage: sentLocale,
  emails: fc.uniqueArray(fc.record({ value: email, type: fc.constantFrom('work', 'home') }), {
    maxLength: 3,
    selector: ({ value }) => value,
  }),
});
const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const nativeChanges = fc
  .record(
    {
      name: nullable(name),
      firstName: nullable(name),
      lastName: nullable(name),
      businessRole: nullable(name),
      locale: nullable(locale),
      email,
      userName: fc.constantFrom('ann', 'lee'),
    },
    { requiredKeys: [] },
  )
  .filter((changes) => Object.keys(changes).length > 0);

it('shows every native change of a field, and keeps it in later requests', async () => {
  const client = await createScimClient(service, { lockManaged: false });
  const users = createScimUsers(service, client);
  const id = await users.create({ userName: 'ann' });
  const run = async (sent: object, changes: Record<string, string | null>) => {
    expect((await users.put(id, { userName: 'ann', ...sent })).status).toBe(200);
    const changed = await users.changeNative(id, changes);
    expect(changed.status).toBe(200);

    const resource = await users.get(id);

    const { givenName, familyName, formatted } = resource.name ?? {};
    const parts = [givenName, familyName].filter(Boolean).join(' ');
    const language = resource.preferredLanguage ?? resource.locale;
    const view: Record<string, unknown> = {
      name: resource.displayName ?? formatted ?? (parts || undefined),
      firstName: givenName,
      lastName: familyName,
      businessRole: resource.title,
      // A text that is no language tag stays.
      locale: language === 'en_US!' ? undefined : language,
      userName: resource.userName,
    };
    for (const [field, value] of Object.entries(changes)) {
      if (field === 'email')
        expect(resource.emails.map((each: { value: string }) => each.value)).toContain(value);
      // A name without a value is shown by its parts.
      else if (field !== 'name' || value !== null)
        expect([field, view[field] ?? null]).toEqual([field, value]);
    }
    // A PUT of what was read changes no field.
    expect((await users.put(id, resource)).status).toBe(200);
    const { name: nameChange, ...others } = changes;
    const fields = typeof nameChange === 'string' ? changes : others;
    expect(await users.getNative(id)).toMatchObject(fields);
  };

  await fc.assert(fc.asyncProperty(sentAttributes, nativeChanges, run), {
    numRuns: scaleRuns(24),
  });
});
