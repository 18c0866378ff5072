/** The API reference in a browser. It is loaded once, because that takes seconds. */
import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser/open-browser.ts';
import { createTestService } from '../support/service.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';

if (chromiumPath === undefined)
  console.warn('The API reference is not tested: there is no Chromium on this machine.');

describe.skipIf(chromiumPath === undefined)('the API reference', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Awaited<ReturnType<typeof openBrowser>>['page'];
  beforeAll(async () => {
    browser = await openBrowser(await createTestService());
    ({ page } = browser);
    page.context().setDefaultTimeout(30_000);
    await page.emulateMedia({ colorScheme: 'light' });
    await browser.open('tag/users/POST/v1/users', page, 'docs');
    await selectClient('Curl');
    await page.evaluate(axe.source);
  });
  afterAll(() => browser?.close());
  afterEach(() => {
    // The console also reports violations of the security policy.
    const errors = browser.consoleErrors.splice(0).filter((line) => !line.startsWith('@scalar/'));
    expect(errors).toEqual([]);
  });

  const selectClient = async (client: string) => {
    await page
      .locator('section', { has: page.getByRole('heading', { name: 'Create a user' }) })
      .getByRole('button', { name: /Curl|Fetch|Requests/ })
      .last()
      .click();
    await page.getByRole('option', { name: client, exact: true }).last().click();
  };
  const selectColors = async (colors: 'light' | 'dark') => {
    if (await page.locator(`body.${colors}-mode`).count()) return;
    await page.setViewportSize({ width: 1280, height: 844 });
    await page.getByRole('button', { name: `Set ${colors} mode` }).click();
    await page.locator(`body.${colors}-mode`).waitFor();
  };
  const listFindings = async () => {
    const options = "{ resultTypes: ['violations'], preload: false, selectors: false }";
    const violations = await page.evaluate<axe.Result[]>(
      `axe.run(document, ${options}).then((all) => all.violations)`,
    );
    return violations
      .filter(({ impact }) => impact === 'critical' || impact === 'serious')
      .map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 100))]);
  };

  it('loads everything from its own host', () => {
    const origins = browser.requests.map((request) => new URL(request.url()).origin);
    expect(origins.length).toBeGreaterThan(4);
    expect([...new Set(origins)]).toEqual([new URL(browser.origin).origin]);
  });

  // Each change of the colors renders the page again, and each width shows other controls.
  it.each([
    ['light', 1280, 390],
    ['dark', 390, 1280],
  ] as const)(
    'is accessible and does not scroll horizontally in %s mode',
    async (colors, checkedWidth, otherWidth) => {
      await selectColors(colors);
      for (const width of [otherWidth, checkedWidth]) {
        await page.setViewportSize({ width, height: 844 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      expect(await listFindings()).toEqual([]);
    },
  );

  it('groups the operations by dialect and resource', async () => {
    await page.setViewportSize({ width: 1280, height: 844 });
    for (const name of ['Roster', 'Cradl', 'JITSudo', 'Credible', 'Invitations', 'Tenants'])
      expect(await page.getByText(name, { exact: true }).count(), name).toBeGreaterThan(0);
  });

  it.each([
    ['Curl', 'curl http'],
    ['Fetch', "fetch('http"],
    ['Requests', 'requests.post('],
  ])('shows code samples for %s', async (client, code) => {
    await selectClient(client);
    await page.getByText(code).first().waitFor();
  });

  it('shows an example of each error', async () => {
    const tab = page
      .locator('section', { has: page.getByRole('heading', { name: 'Create a user' }) })
      .getByRole('tab', { name: /409/ });
    const example = page.getByText('"user_exists"').first();
    // The page loads sections while it is read, and a section that loads selects its first tab.
    await expect
      .poll(async () => {
        await tab.click();
        return example.isVisible();
      })
      .toBe(true);
  });

  it('finds an operation by search with the keyboard', async () => {
    await page.setViewportSize({ width: 1280, height: 844 });
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: 'Enter search query' });
    await search.fill('transfer ownership');
    await page.getByRole('option', { name: /Transfer the ownership/ }).waitFor();
    await search.press('ArrowDown');
    await search.press('Enter');
    await page.waitForURL(/transfer-ownership$/);
    await page.getByRole('heading', { name: 'Transfer the ownership', exact: true }).waitFor();
  });
});
