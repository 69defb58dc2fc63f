import { expect, test } from '../support/gate.ts';
import { twoVersions } from '../support/hubs.ts';
import { nobody, signedIn } from '../support/people.ts';

test.describe('a reader', () => {
  test.use({ storageState: signedIn('admin') });

  test('goes from a finding to its rule and to all rules', async ({ page }) => {
    const service = await twoVersions(page.request);
    await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
    const link = page.getByRole('main').locator('a.rule').first();
    const id = await link.innerText();
    await link.click();
    await expect(page).toHaveURL(`/rules/${id}`);
    await expect(page).toHaveTitle(`${id} · Handshake`);
    const main = page.getByRole('main');
    await expect(main.getByRole('heading', { level: 1, name: id })).toBeVisible();
    await expect(main).toContainText('Why it matters');
    await expect(main).toContainText('How to change it safely');
    await main.getByRole('link', { name: 'Rules', exact: true }).click();
    await expect(main.getByRole('heading', { level: 1, name: 'Rules' })).toBeVisible();
    await expect(main.getByRole('link', { name: id, exact: true })).toBeVisible();
  });
});

test.describe('anybody', () => {
  test.use({ storageState: nobody });

  test('may read the rules, and is told of one that is none', async ({ page, gate }) => {
    gate.tolerates(/status of 404/);
    expect((await page.goto('/rules'))?.status()).toBe(200);
    await expect(page.getByRole('heading', { name: 'Breaking' })).toBeVisible();
    expect((await page.goto('/rules/no-such-rule'))?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'No such rule' })).toBeVisible();
  });
});
