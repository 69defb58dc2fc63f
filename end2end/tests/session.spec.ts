import type { BrowserContext } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, freshName, twoVersions } from '../support/hubs.ts';
import { baseURL } from '../support/places.mjs';
import { nobody, people, signIn } from '../support/people.ts';

// Each test signs in by itself: ending a session that other tests share would end theirs.
test.use({ storageState: nobody });

const ACCESS = '__Host-handshake-access';
const REFRESH = '__Host-handshake-refresh';

/** The browser forgets the access token, as it does when the token's time is over. */
const expire = (context: BrowserContext) => context.clearCookies({ name: ACCESS });
const cookie = async (context: BrowserContext, name: string) => (await context.cookies()).find((it) => it.name === name)?.value;

test('an access token that ends mid-visit is renewed in line, for pages', async ({ page, context }) => {
  await signIn(page, people.admin);
  const before = await cookie(context, REFRESH);
  await expire(context);
  await page.goto('/services');
  await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible();
  expect(await cookie(context, ACCESS)).toBeTruthy();
  expect(await cookie(context, REFRESH), 'a refresh token is used once').not.toBe(before);
});

test('and for what the page fetches in the background', async ({ page, context }) => {
  await signIn(page, people.admin);
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}`);
  await expect(page.getByRole('region', { name: 'Versions', exact: true })).toContainText('2.0.0');
  await expire(context);
  // A link inside of the app loads its data by server functions, not by a page load.
  await page.getByRole('navigation').getByRole('link', { name: 'Services' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect.poll(() => cookie(context, ACCESS)).toBeTruthy();
});

test('and for a form that is sent', async ({ page, context }) => {
  await signIn(page, people.admin);
  const service = freshName('late');
  await page.goto('/services/new');
  await page.getByLabel('Name', { exact: true }).fill(service);
  await expire(context);
  await page.getByRole('button', { name: 'Create service' }).click();
  await expect(page.getByRole('heading', { level: 1, name: service })).toBeVisible();
});

test('requests that race for the renewal all succeed', async ({ page, context }) => {
  await signIn(page, people.admin);
  await expire(context);
  const answers = await page.evaluate(() => Promise.all(Array.from({ length: 8 }, () => fetch('/api/v1/services').then(({ status }) => status))));
  expect(answers).toEqual(Array(8).fill(200));
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
});

test('a session that is over leads to signing in, and back', async ({ page, context }) => {
  await signIn(page, people.admin);
  const service = freshName('back');
  await createService(page.request, service);
  // Away from the dashboard, which the new service makes fetch again: that would rightly be refused without a session.
  await page.goto('about:blank');
  await context.clearCookies();
  await page.goto(`/services/${service}`);
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel('E-mail').fill(people.admin.email);
  await page.getByLabel('Password').fill(people.admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
});

test('garbage in the cookies is nobody, not an error', async ({ page, context }) => {
  // Only https may set such cookies; a loopback address gets them over plain HTTP, too.
  const url = baseURL.replace(/^http:/, 'https:');
  await context.addCookies([ACCESS, REFRESH].map((name) => ({ name, value: 'garbage', url, secure: true })));
  expect((await context.cookies()).length).toBe(2);
  const answer = await page.goto('/dashboard');
  expect(answer?.status()).toBe(200);
  await expect(page).toHaveURL(/\/login\?next=/);
});
