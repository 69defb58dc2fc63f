// The front page, the way from it, and what becomes of an open page whose session ends.
import { expect, test } from '../support/gate.ts';
import { createService, freshName, publish, read } from '../support/hubs.ts';
import { fillSignIn, nobody, people, signIn } from '../support/people.ts';

test.use({ storageState: nobody });

test('the front page shows a verdict, without a script', async ({ page }) => {
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (['script', 'fetch', 'xhr'].includes(request.resourceType())) scripts.push(request.url());
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('API change');
  const verdict = page.getByRole('figure');
  await expect(verdict).toContainText('Breaking');
  await expect(verdict.getByLabel('Example message').locator('mark')).toContainText('"total"');
  expect(scripts).toEqual([]);
  await page.getByRole('link', { name: 'Try it without an account' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Playground' })).toBeVisible();
  const rail = page.getByRole('navigation', { name: 'Main' });
  await expect(rail.getByRole('link'), 'nothing that needs an account').toHaveText(['Playground', 'Rules', 'Practices', 'API reference']);
  await page.getByRole('link', { name: 'Handshake' }).click();
  await expect(page).toHaveURL('/');
});

test('signing in leads back to the very place', async ({ page }) => {
  await page.goto('/services?from=mail#main');
  await expect(page).toHaveURL(/\/login\?next=.*#main$/);
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  await fillSignIn(page, people.developer);
  await expect(page).toHaveURL('/services?from=mail#main');
});

test('a session that ends while somebody types is asked for in place, and nothing is lost', async ({ page, newPage, gate }) => {
  gate.tolerates(/status of 401/);
  const admin = await newPage({ storageState: nobody });
  await signIn(admin, people.admin);
  const service = freshName('late');
  await createService(admin.request, service);
  await signIn(page, people.developer);
  await page.goto(`/publish?service=${service}`);
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  const text = read('bookings-1.0.0.yaml');
  await page.getByLabel('Document').fill(text);
  await page.context().clearCookies();
  // The page may have noticed by itself, and then the dialog is over the button.
  await page.locator('form[action="/api/ui/publish-version"] button[type="submit"]').dispatchEvent('click');
  const dialog = page.getByRole('dialog', { name: 'Your session ended' });
  await expect(dialog).toBeVisible();
  await expect(page.getByText('Live', { exact: true }), 'and the page does not say that it is live').toHaveCount(0);
  await dialog.getByLabel('E-mail').fill(people.developer.email);
  await dialog.getByLabel('Password').fill(people.developer.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel('Document')).toHaveValue(text);
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();
});

test('a version that comes while a service is open can be chosen to compare', async ({ page }) => {
  await signIn(page, people.admin);
  const service = freshName('choice');
  await createService(page.request, service);
  await publish(page.request, service, read('bookings-1.0.0.yaml'));
  await publish(page.request, service, read('bookings-2.0.0.yaml'));
  await page.goto(`/services/${service}`);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.getByLabel('To').getByRole('option')).toHaveText(['2.0.0', '1.0.0']);
  await publish(page.request, service, read('bookings-2.0.0.yaml').replace('2.0.0', '2.1.0'));
  await expect(page.getByLabel('To').getByRole('option')).toHaveText(['2.1.0', '2.0.0', '1.0.0']);
});
