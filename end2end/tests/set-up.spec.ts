import { expect, test } from '../support/gate.ts';
import { nobody, signIn } from '../support/people.ts';

const first = { email: 'ada@example.org', password: 'correct horse battery staple' };

test('an empty hub asks for its first admin, once', async ({ newHub, newPage }) => {
  const hub = await newHub();
  const page = await newPage({ baseURL: hub.url, storageState: nobody });
  await page.goto('/');
  await page.getByRole('link', { name: 'Set up this hub' }).click();
  await expect(page).toHaveURL('/setup');
  await expect(page.getByRole('heading', { level: 1, name: 'Set up Handshake' })).toBeVisible();
  await page.getByLabel('Set-up code').fill(await hub.setUpCode());
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('E-mail').fill(first.email);
  await page.getByLabel('Password').fill(first.password);
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('banner')).toContainText('Ada');
  const main = page.getByRole('main');
  await expect(main, 'the hub publishes its own contract').toContainText('handshake');
  await expect(main, 'which is not yet a service of theirs').toContainText('No service of yours yet');
  await main.getByRole('link', { name: 'Create the first service' }).click();
  await page.getByLabel('Name', { exact: true }).fill('orders');
  await page.getByRole('button', { name: 'Create service' }).click();
  await expect(page).toHaveURL('/services/orders');
  await page.goto('/publish');
  await expect(page.getByLabel('Service').getByRole('option'), 'nobody publishes to it by mistake').toHaveText(['orders']);
  await page.goto('/dashboard');
  await expect(main.getByRole('link', { name: 'orders', exact: true }).first()).toBeVisible();
  await expect(main).not.toContainText('No service of yours yet');

  const later = await newPage({ baseURL: hub.url, storageState: nobody });
  await later.goto('/setup');
  await expect(later, 'nobody can make a second first admin').toHaveURL(/\/login/);
  await signIn(later, first);
});

test('a password that is too short is refused in words, and nothing typed is lost', async ({ newHub, newPage, gate }) => {
  gate.tolerates(/status of 422/);
  const hub = await newHub();
  const page = await newPage({ baseURL: hub.url, storageState: nobody });
  await page.goto('/setup');
  await page.getByLabel('Set-up code').fill(await hub.setUpCode());
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByLabel('E-mail').fill(first.email);
  await page.getByLabel('Password').fill('short');
  // The form's own check is for convenience; the server's is what counts.
  await page.locator('form', { has: page.getByLabel('Password') }).evaluate((form: HTMLFormElement) => void (form.noValidate = true));
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(page.getByText(/at least 12/).last()).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue(first.email);
});

test('who has not read the console is told where the code is', async ({ newHub, newPage, gate }) => {
  gate.tolerates(/status of 403/);
  const hub = await newHub();
  const page = await newPage({ baseURL: hub.url, storageState: nobody });
  await page.goto('/setup');
  const code = page.getByLabel('Set-up code');
  await expect(code, 'the hint says where').toHaveAccessibleDescription(/handshake serve prints it on its console/);
  await code.fill('not the code');
  await page.getByLabel('Name', { exact: true }).fill('Eve');
  await page.getByLabel('E-mail').fill('eve@example.org');
  await page.getByLabel('Password').fill(first.password);
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(code).toHaveAccessibleDescription(/isn't the code that the hub printed/);
  await expect(page).toHaveURL('/setup');
  await expect(page.getByLabel('E-mail'), 'what was typed stays').toHaveValue('eve@example.org');
});
