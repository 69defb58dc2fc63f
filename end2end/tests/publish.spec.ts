import { expect, test } from '../support/gate.ts';
import { createService, fixture, freshName, live, mark, publish, read, sameDocument } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

test('two versions are published, and other browsers see it without a reload', async ({ page, newPage }) => {
  // First by name: the dashboard shows the first services, and other tests make many.
  const service = freshName('a-bookings');
  const dashboard = await newPage({ storageState: signedIn('viewer') });
  await dashboard.goto('/dashboard');
  await live(dashboard);
  await mark(dashboard);

  await test.step('create the service', async () => {
    await page.goto('/services');
    await page.getByRole('link', { name: 'New service' }).click();
    await expect(page).toHaveURL('/services/new');
    await page.getByLabel('Name', { exact: true }).fill(service);
    await page.getByLabel('Description').fill('Seats in the reading rooms.');
    await page.getByRole('button', { name: 'Create service' }).click();
    await expect(page.getByRole('heading', { level: 1, name: service })).toBeVisible();
    await expect(page).toHaveURL(`/services/${service}`);
  });

  await test.step('publish the first version by pasting it', async () => {
    await page.getByRole('link', { name: 'Publish a version' }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Publish a version' })).toBeVisible();
    await expect(page.getByLabel('Service'), 'the service is chosen already').toHaveValue(service);
    await page.getByLabel('Document').fill(read('bookings-1.0.0.yaml'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page).toHaveURL(new RegExp(`/services/${service}/versions/1\\.0\\.0`));
    await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();
  });
  await expect(dashboard.getByRole('region', { name: 'Recent changes' })).toContainText(service);
  await expect(dashboard.getByRole('region', { name: 'Services', exact: true }).getByRole('row', { name: new RegExp(service) })).toContainText('1.0.0');

  const timeline = await newPage({ storageState: signedIn('viewer') });
  await timeline.goto(`/services/${service}`);
  await live(timeline);
  await mark(timeline);

  await test.step('publish the second version as a file', async () => {
    await page.goto(`/publish?service=${service}`);
    await page.getByLabel('File').setInputFiles(fixture('bookings-2.0.0.yaml'));
    await page.getByRole('button', { name: 'Publish' }).click();
    await expect(page, 'a version with one before it shows what changed').toHaveURL(new RegExp(`/services/${service}/compare`));
    await expect(page.getByRole('heading', { level: 1, name: `${service}: 1.0.0 → 2.0.0` })).toBeVisible();
  });
  const row = dashboard.getByRole('region', { name: 'Services', exact: true }).getByRole('row', { name: new RegExp(service) });
  await expect(row).toContainText('2.0.0');
  await expect(row).toContainText(/breaking/i);
  await expect(timeline.getByRole('region', { name: 'Versions', exact: true })).toContainText('2.0.0');
  await sameDocument(dashboard);
  await sameDocument(timeline);
});

test('the same document twice is a no-op that says so', async ({ page }) => {
  const service = freshName('bookings');
  await createService(page.request, service);
  await publish(page.request, service, read('bookings-1.0.0.yaml'));
  await page.goto(`/publish?service=${service}`);
  await page.getByLabel('File').setInputFiles(fixture('bookings-1.0.0.yaml'));
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('status').filter({ hasText: /already|nothing/i }).first()).toBeVisible();
  await page.goto(`/services/${service}`);
  await expect(page.getByRole('region', { name: 'Versions', exact: true }).getByText('1.0.0', { exact: true })).toHaveCount(1);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled });

    test('pasting what was uploaded is the very same document', async ({ page, gate }) => {
      // This is how Chromium notes a script that it was told not to run.
      gate.tolerates(/^no answer: GET .*\.js: csp$/);
      const service = freshName('bookings');
      await createService(page.request, service);
      await publish(page.request, service, read('bookings-1.0.0.yaml'));
      await page.goto(`/publish?service=${service}`);
      await page.getByLabel('Document').fill(read('bookings-1.0.0.yaml'));
      await page.getByRole('button', { name: 'Publish' }).click();
      await expect(page.getByRole('status').filter({ hasText: /already|nothing/i }).first()).toBeVisible();

      await page.goto(`/publish?service=${service}`);
      await page.getByLabel('Document').fill(read('bookings-2.0.0.yaml'));
      await page.getByRole('button', { name: 'Publish' }).click();
      await expect(page).toHaveURL(new RegExp(`/services/${service}/compare`));
      const stored = await page.request.get(`/api/v1/services/${service}/versions/2.0.0/document`);
      expect(await stored.text()).toBe(read('bookings-2.0.0.yaml'));
    });
  });
}

test('a label of its own can be given', async ({ page }) => {
  const service = freshName('bookings');
  await createService(page.request, service);
  await page.goto(`/publish?service=${service}`);
  await page.getByLabel('File').setInputFiles(fixture('bookings-1.0.0.yaml'));
  await page.getByLabel('Version label').fill('2026-spring');
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `${service} 2026-spring` })).toBeVisible();
});

test('a service name that is taken is refused beside the field', async ({ page, gate }) => {
  gate.expects(/status of 409/);
  const service = freshName('taken');
  await createService(page.request, service);
  await page.goto('/services/new');
  await page.getByLabel('Name', { exact: true }).fill(service);
  await page.getByRole('button', { name: 'Create service' }).click();
  await expect(page.getByRole('alert')).toContainText(/taken/);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(service);
});
