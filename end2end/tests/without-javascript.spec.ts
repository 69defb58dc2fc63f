// Forms are forms: everything that can be done works before, or without, the WebAssembly.
import { expect, test } from '../support/gate.ts';
import { createService, fixture, freshName, publish, read, twoVersions } from '../support/hubs.ts';
import { fillSignIn, nobody, people, signedIn } from '../support/people.ts';

test.use({ javaScriptEnabled: false });

test.beforeEach(({ gate }) => {
  // This is how Chromium notes a script that it was told not to run.
  gate.tolerates(/^no answer: GET .*\.js: csp$/);
});

test.describe('signing in', () => {
  test.use({ storageState: nobody });

  test('works, keeps the way, and signs out', async ({ page }) => {
    await page.goto('/services');
    await expect(page).toHaveURL(/\/login\?next=/);
    await fillSignIn(page, people.developer);
    await expect(page).toHaveURL(/\/services/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/login/);
  });

  test('says what is wrong', async ({ page }) => {
    await page.goto('/login');
    await fillSignIn(page, { ...people.developer, password: 'not the password' });
    await expect(page).toHaveURL(/\/login/);
    await expect(page.getByRole('alert')).toBeVisible();
  });
});

test.describe('publishing', () => {
  test.use({ storageState: signedIn('admin') });

  test('a service is made, and versions come by file and by paste', async ({ page }) => {
    const service = freshName('plain');
    await page.goto('/services/new');
    await page.getByLabel('Name', { exact: true }).fill(service);
    await page.getByRole('button', { name: 'Create service' }).click();
    await expect(page.getByRole('heading', { level: 1, name: service })).toBeVisible();

    await page.goto(`/publish?service=${service}`);
    await page.getByLabel('File').setInputFiles(fixture('bookings-1.0.0.yaml'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();

    await page.goto(`/publish?service=${service}`);
    await page.getByLabel('Document').fill(read('bookings-2.0.0.yaml'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByRole('heading', { level: 1, name: `${service}: 1.0.0 → 2.0.0` })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(/breaking/i);
  });

  test('what is wrong with a document is said', async ({ page }) => {
    const service = freshName('plain');
    await createService(page.request, service);
    await page.goto(`/publish?service=${service}`);
    await page.getByLabel('File').setInputFiles(fixture('swagger-1.2.json'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByRole('alert').filter({ hasText: 'Swagger 1.2' }).first()).toBeVisible();
  });

  test('a label that is taken is said', async ({ page }) => {
    const service = freshName('plain');
    await createService(page.request, service);
    await publish(page.request, service, read('bookings-1.0.0.yaml'));
    await page.goto(`/publish?service=${service}`);
    await page.getByLabel('Document').fill(read('bookings-1.0.0.yaml').replace('List the rooms', 'List all rooms'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByRole('alert').filter({ hasText: '1.0.0' }).first()).toBeVisible();
  });

  test('pages, filters and searches are links and forms', async ({ page }) => {
    const service = await twoVersions(page.request);
    await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
    await expect(page.getByRole('main')).toContainText('/bookings/{bookingId}');
    await page.getByRole('main').getByRole('link', { name: /breaking/i }).first().click();
    await expect(page).toHaveURL(/level=breaking/);
    await page.goto(`/services/${service}/versions/1.0.0`);
    await page.getByLabel('Search operations').fill('cancel');
    await page.getByLabel('Search operations').press('Enter');
    await expect(page.getByRole('main')).toContainText('/bookings/{bookingId}');
  });
});
