import { expect, test } from '../support/gate.ts';
import { createService, freshName, manyOperations, publish, twoVersions } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

test('two versions are compared, filtered and linked to', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
  await expect(page.getByRole('heading', { level: 1, name: `${service}: 1.0.0 → 2.0.0` })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText('/bookings/{bookingId}');
  await expect(main).toContainText('/rooms/{roomId}/closures');

  await test.step('only what breaks', async () => {
    await main.getByRole('link', { name: /breaking/i }).first().click();
    await expect(page).toHaveURL(/level=breaking/);
    await expect(main).not.toContainText('/rooms/{roomId}/closures');
    await expect(main).toContainText('request-property-became-required');
  });

  await test.step('the address says what is shown', async () => {
    await page.reload();
    await expect(main).toContainText('request-property-became-required');
    await expect(main).not.toContainText('/rooms/{roomId}/closures');
  });

  await test.step('search', async () => {
    await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
    await main.getByRole('searchbox').fill('CLOSURES');
    await main.getByRole('searchbox').press('Enter');
    await expect(page).toHaveURL(/q=CLOSURES/i);
    await expect(main).toContainText('/rooms/{roomId}/closures');
    await expect(main).not.toContainText('/bookings/{bookingId}');
  });
});

test('a finding leads to its line in the source', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0&level=breaking`);
  const place = page.getByRole('main').locator('a[href*="/source"][href*="#L"]').first();
  const line = new URL((await place.getAttribute('href')) ?? '', page.url()).hash;
  await place.click();
  await expect(page).toHaveURL(new RegExp(`/source.*${line}$`));
  await expect(page.locator(line)).toBeInViewport();
});

test('either way round, and a version with itself', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/compare?base=2.0.0&revision=1.0.0`);
  await expect(page.getByRole('heading', { level: 1, name: `${service}: 2.0.0 → 1.0.0` })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('/rooms/{roomId}/closures');
  await page.goto(`/services/${service}/compare?base=2.0.0&revision=2.0.0`);
  await expect(page.getByRole('main')).toContainText(/same version|no (differences|findings|changes)/i);
});

test('a long list of findings comes in pages', async ({ page }) => {
  const service = freshName('many');
  await createService(page.request, service);
  await publish(page.request, service, manyOperations(120, 1));
  await publish(page.request, service, manyOperations(120, 2));
  await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
  const main = page.getByRole('main');
  const shown = () => main.getByText(/\/things\d+$/).count();
  await expect(main.getByText('/things0', { exact: false }).first()).toBeVisible();
  const before = await shown();
  expect(before).toBeLessThan(120);
  await main.getByRole('link', { name: /show more/i }).click();
  await expect.poll(shown).toBeGreaterThan(before);
});

test('any two versions can be chosen on the service page', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}`);
  const versions = page.getByRole('region', { name: 'Versions', exact: true });
  await expect(versions).toContainText('1.0.0');
  await expect(versions).toContainText(/breaking/i);
  await expect(versions.locator('a[href*="/compare"]').first()).toBeVisible();
  await page.getByRole('button', { name: /compare/i }).click();
  await expect(page).toHaveURL(/\/compare\?/);
});

test('versions that do not exist are not found', async ({ page, gate }) => {
  gate.tolerates(/status of 404/);
  const service = await twoVersions(page.request);
  for (const path of [
    `/services/${service}/compare?base=1.0.0&revision=9.9.9`,
    `/services/${service}/versions/9.9.9`,
    '/services/no-such-service',
    '/no-such-page',
  ]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('main'), path).toContainText(/not found|there is no/i);
  }
});
