/** What one page may cost: entries read, and bytes answered. */
import { describe, expect, it } from 'vitest';
import { aCrowdIn, readsAll, readsPage } from './listing.ts';
import { aService, anAdminOf } from './steps.ts';

describe('a filter that nearly nobody passes', () => {
  it('makes short pages, each with where to go on', async () => {
    const service = await aService();
    const crowd = await aCrowdIn(service, 'acme', 1120, (index) => ({ roles: index % 510 === 505 ? ['user'] : [] }));
    const query = { roleId: 'cradl:role:user' };
    // After 500 entries the page is given out as it is.
    expect(await readsAll(service, 'native', { query })).toEqual([[], [crowd[505]], [crowd[1015]]]);
    // A full page goes out at once, and cannot know that nobody else follows.
    expect(await readsAll(service, 'native', { query: { ...query, limit: 1 } })).toEqual([[], [crowd[505]], [], [crowd[1015]], []]);
    // Nor more where the e-mails are narrowed down as well.
    expect(await readsAll(service, 'native', { query: { ...query, emailPrefix: 'user-05' } })).toEqual([[crowd[505]]]);
    expect(await readsAll(service, 'native', { query: { status: 'inactive' } })).toEqual([[], [], []]);
    const full = await readsPage(service, 'native', { query: { status: 'active', limit: 100 } });
    expect(full.emails).toEqual(crowd.slice(0, 100));
  }, 60_000);

  it('ends without another page where the list ends with it', async () => {
    const service = await aService();
    await aCrowdIn(service, 'acme', 500);
    expect(await readsAll(service, 'native', { query: { status: 'inactive' } })).toEqual([[]]);
    expect((await readsAll(service, 'native', { query: { status: 'active', limit: 100 } })).map(({ length }) => length)).toEqual([
      100, 100, 100, 100, 100,
    ]);
  });
});

describe('users with much in them', () => {
  it('come in pages of 4 MiB, which a function can answer with, and all of them come', async () => {
    const service = await aService();
    // As much as a user can have: a hundred of them are more than DynamoDB reads at once, too.
    const much = { projectTutorial: {}, text: 'é'.repeat(32_730) };
    const long = '🦜'.repeat(4096);
    const crowd = await aCrowdIn(service, 'acme', 102, () => ({ metadata: much, tutorialStatus: much, name: long, description: long }));
    const pages = await readsAll(service, 'native', { query: { limit: 100 } });
    expect(pages.flat()).toEqual(crowd);
    // 4 MiB / 164 kB
    expect(pages.map(({ length }) => length)).toEqual([25, 25, 25, 25, 2]);
    expect((await readsPage(service, 'native', { query: { limit: 100, status: 'active' } })).emails).toEqual(pages[0]);
    // What a dialect does not show counts too: none of its pages is larger.
    for (const dialect of ['cradl', 'jitsudo', 'credible'] as const) {
      expect((await readsPage(service, dialect, { query: { limit: 100 } })).users).toHaveLength(25);
    }
  }, 60_000);
});

describe('a tombstone', () => {
  it('is in no list, whatever it is looked for by', async () => {
    const service = await aService();
    const token = anAdminOf('acme');
    const user = { email: 'gone@x.example', userName: 'gone', name: 'gone@x.example', roleIds: ['cradl:role:user'], authProvider: 'oidc' };
    const { body } = await service.posts('/v1/users', user, { token });
    const queries = [
      {},
      { email: user.email },
      { userName: 'gone' },
      { emailPrefix: 'g' },
      { status: 'active' },
      { roleId: 'cradl:role:user' },
      { authProvider: 'oidc' },
    ];
    for (const query of queries) expect((await readsPage(service, 'native', { query })).emails).toEqual([user.email]);
    await service.send('DELETE', `/v1/users/${body.userId}`, { token });
    for (const query of queries) expect(await readsPage(service, 'native', { query })).toEqual({ emails: [], users: [], next: null });
    await service.posts(`/v1/users/${body.userId}/restore`, undefined, { token });
    for (const query of queries) expect((await readsPage(service, 'native', { query })).emails).toEqual([user.email]);
  });
});
