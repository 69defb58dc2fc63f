import { expect, test } from '../support/gate.ts';
import { createService, freshName, publish, twoVersions } from '../support/hubs.ts';
import { nobody, signedIn } from '../support/people.ts';

/** Keeps to every practice that applies to it. */
const spotless = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Nothing yet', version: '1.0.0', description: 'Empty.', contact: { name: 'Ada' }, license: { name: 'MIT' } },
  paths: {},
});

test.describe('a reader', () => {
  test.use({ storageState: signedIn('admin') });

  test('sees the score on the version page, and goes from a reason to the line', async ({ page }) => {
    const service = await twoVersions(page.request);
    await page.goto(`/services/${service}/versions/1.0.0`);
    const panel = page.getByRole('region', { name: 'Score' });
    await expect(panel).toContainText(/Score \d+ of 100/);

    await test.step('by keyboard', async () => {
      const details = panel.locator('summary');
      await details.focus();
      await page.keyboard.press('Enter');
      await expect(panel.getByRole('listitem').first()).toBeVisible();
    });

    const reason = panel.getByRole('listitem').first().getByRole('link');
    const id = await reason.innerText();
    await reason.click();
    await expect(page).toHaveURL(new RegExp(`/lint\\?rule=${id}$`));
    const main = page.getByRole('main');
    const groups = main.locator('.findings section');
    await expect(groups).toHaveCount(1);
    await expect(groups.first()).toContainText(id);

    await test.step('to the rule', async () => {
      await groups.first().getByRole('link', { name: id }).click();
      await expect(page).toHaveURL(`/rules/${id}`);
      await expect(main).toContainText('How to fix it');
      await page.goBack();
    });

    await test.step('to the line', async () => {
      const place = groups.first().locator('a[href*="#L"]').first();
      const line = new URL((await place.getAttribute('href')) ?? '', page.url()).hash;
      await place.click();
      await expect(page).toHaveURL(new RegExp(`/source.*${line}$`));
      await expect(page.locator(line)).toBeInViewport();
    });
  });

  test('looks at all reasons and findings', async ({ page }) => {
    const service = await twoVersions(page.request);
    await page.goto(`/services/${service}/versions/1.0.0`);
    await page.getByRole('link', { name: 'Lint', exact: true }).click();
    const main = page.getByRole('main');
    await expect(main).toContainText(/Score \d+ of 100/);
    const table = main.getByRole('table');
    await expect(table.getByRole('columnheader', { name: 'To improve' })).toBeVisible();
    await expect(main.locator('.findings section')).not.toHaveCount(1);
    await expect(main.locator('.findings .finding').first()).toBeVisible();
  });

  test('is told when there is nothing to improve', async ({ page }) => {
    const service = freshName('spotless');
    await createService(page.request, service);
    await publish(page.request, service, spotless);
    await page.goto(`/services/${service}/versions/1.0.0`);
    await expect(page.getByRole('region', { name: 'Score' })).toContainText('Score 100 of 100');
    await expect(page.getByRole('region', { name: 'Score' })).toContainText('Nothing to improve');
    await page.goto(`/services/${service}/versions/1.0.0/lint`);
    await expect(page.locator('.empty-title')).toHaveText('Nothing to improve');
  });

  test('reads it without a script, on a small screen', async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 }, storageState: signedIn('admin') });
    const page = await context.newPage();
    const service = await twoVersions(context.request);
    await page.goto(`/services/${service}/versions/1.0.0/lint`);
    await expect(page.getByRole('main')).toContainText(/Score \d+ of 100/);
    await expect(page.locator('.findings .finding').first()).toBeVisible();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await context.close();
  });

  test('finds the hub\'s own contract at full score', async ({ page }) => {
    await page.goto('/services/handshake');
    const version = page.getByRole('main').locator('a[href*="/versions/"]').first();
    await page.goto(`${await version.getAttribute('href')}/lint`);
    await expect(page.getByRole('main')).toContainText('Score 100 of 100');
  });
});

test.describe('anybody', () => {
  test.use({ storageState: nobody });

  test('may read the practices', async ({ page }) => {
    await page.goto('/rules/path-with-verb');
    await expect(page.getByRole('heading', { level: 1, name: 'path-with-verb' })).toBeVisible();
    await page.goto('/rules');
    await expect(page.getByRole('heading', { name: 'Practices' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'path-with-verb', exact: true })).toBeVisible();
  });
});
