// The cache of what pages ask: shared, prefetched, canceled, tried again, and shown for as long as there is nothing newer.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page, Request } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, freshName, live, mark, manyOperations, publish, read, sameDocument, twoVersions } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

const rail = (page: Page) => page.getByRole('navigation', { name: 'Main' });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const versions = (page: Page) => page.getByRole('region', { name: 'Versions', exact: true });
const outdated = (page: Page) => page.getByRole('status').filter({ hasText: 'This page may be old' });

/** The names of the queries that a page sends from now on, as they are sent. */
function asked(page: Page) {
  const names: string[] = [];
  page.on('request', (request) => {
    const name = /^\/api\/ui\/([\w-]+)$/.exec(new URL(request.url()).pathname)?.[1];
    if (name) names.push(name);
  });
  return names;
}

/** The requests of one query. */
const of = (name: string) => (url: URL) => url.pathname === `/api/ui/${name}`;
const count = (names: string[], name: string) => names.filter((other) => other === name).length;

test('what is behind a link is fetched when somebody points at it, once', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}`);
  await live(page);
  const names = asked(page);
  const link = versions(page).getByRole('link', { name: '1.0.0', exact: true });
  const answered = Promise.all(['version', 'outline', 'lint', 'operations'].map((name) => page.waitForResponse((answer) => new URL(answer.url()).pathname === `/api/ui/${name}`)));
  await link.focus();
  await answered;
  await link.click();
  await expect(heading(page, `${service} 1.0.0`)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Operations' })).toContainText('/rooms');
  for (const name of ['version', 'outline', 'lint', 'operations']) expect(count(names, name), name).toBe(1);

  // Way back everything is there, and fresh.
  names.length = 0;
  await page.goBack();
  await expect(versions(page)).toContainText('2.0.0');
  expect(names).toEqual([]);
});

test('two parts of a page that need the same share a request', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto('/services');
  await live(page);
  const names = asked(page);
  await page.getByRole('main').getByRole('link', { name: service }).click();
  await expect(versions(page)).toContainText('2.0.0');
  await expect(page.getByLabel('From')).toBeVisible();
  expect(count(names, 'versions')).toBe(1);
});

test('the next page of a list is fetched when somebody points at its button', async ({ page }) => {
  const service = freshName('many');
  await createService(page.request, service);
  await publish(page.request, service, manyOperations(80, 1));
  await page.goto(`/services/${service}/versions/1.0.0`);
  await live(page);
  const names = asked(page);
  const more = page.getByRole('link', { name: 'Show more' }).first();
  const answered = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/ui/operations');
  await more.focus();
  await answered;
  await more.click();
  await expect(page.getByRole('main')).toContainText('/things79');
  expect(count(names, 'operations')).toBe(1);
});

test('leaving a page cancels what it still waits for', async ({ page }) => {
  await page.goto('/rules');
  await live(page);
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  await page.route(of('services'), async (route) => {
    await later;
    await route.continue().catch(() => {});
  });
  const isServices = (request: Request) => of('services')(new URL(request.url()));
  const sent = page.waitForRequest(isServices);
  await rail(page).getByRole('link', { name: 'Services' }).click();
  await sent;
  const canceled = page.waitForEvent('requestfailed', isServices);
  await rail(page).getByRole('link', { name: 'Practices' }).click();
  expect((await canceled).failure()?.errorText).toMatch(/ABORTED/);
  release();
  await expect(heading(page, 'Practices')).toBeVisible();
});

test('a busy hub says when to come again, and is not asked earlier', async ({ page, gate }) => {
  gate.expects(/status of 429/);
  await page.goto('/rules');
  await live(page);
  let busy = true;
  const error = { code: 'rate-limited', message: 'Too many requests.', details: [], traceId: null, retryAfter: 20 };
  await page.route(of('services'), (route) =>
    busy ? route.fulfill({ status: 429, headers: { 'retry-after': '20', serverfnerror: 'true' }, json: error }) : route.continue());
  const names = asked(page);
  await page.clock.install();
  await rail(page).getByRole('link', { name: 'Services' }).click();
  await expect(page.getByRole('alert')).toContainText('Too many requests.');
  busy = false;
  await page.clock.runFor(19_000);
  expect(count(names, 'services')).toBe(1);
  await page.clock.runFor(2_000);
  await expect(page.getByRole('table')).toBeVisible();
});

test('coming back to the window fetches what has become old, and only that', async ({ page }) => {
  await page.clock.install();
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}`);
  await live(page);
  const names = asked(page);
  const focus = () => page.evaluate(() => window.dispatchEvent(new Event('focus')) && undefined);
  await focus();
  await page.clock.fastForward(31_000);
  const again = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/ui/versions');
  await focus();
  await again;
  expect(count(names, 'versions')).toBe(1);
});

test('the last good answer stays while the hub can’t be reached, and is said to be old', async ({ page, gate }) => {
  gate.tolerates(/ERR_FAILED/);
  const service = freshName('old');
  await createService(page.request, service);
  await publish(page.request, service, read('bookings-1.0.0.yaml'));
  await page.goto(`/services/${service}`);
  await live(page);
  await mark(page);
  const refused = of('versions');
  await page.route(refused, (route) => route.abort());
  await publish(page.request, service, read('bookings-2.0.0.yaml'));
  await expect(outdated(page)).toContainText('can’t be reached'.replace('’', "'"));
  await expect(versions(page)).toContainText('1.0.0');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  await page.unroute(refused);
  await outdated(page).getByRole('button', { name: 'Retry' }).click();
  await expect(versions(page)).toContainText('2.0.0');
  await expect(outdated(page)).toHaveCount(0);
  await sameDocument(page);
});

test('a mutation shows at once, and is taken back when the hub refuses', async ({ page, gate }) => {
  gate.expects(/503/);
  await page.goto('/settings/jobs');
  await live(page);
  const row = page.getByRole('row').filter({ hasText: /in \d+ (h|min)/ }).first();
  const name = await row.getByRole('cell').first().innerText();
  const same = page.getByRole('row').filter({ hasText: name });
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/ui/try-job-again', async (route) => {
    await later;
    const json = { code: 'unavailable', message: 'The hub is stopping.', details: [], traceId: null };
    await route.fulfill({ status: 503, headers: { serverfnerror: 'true' }, json });
  });
  await row.getByRole('button', { name: /Run now/ }).click();
  await expect(same).toContainText('just now');
  release();
  await expect(same).toContainText(/in \d+ (h|min)/);
  await expect(page.getByRole('alert')).toContainText('The hub is stopping.');
});

test('the cache can be looked at while developing, and in no release', async ({ page }) => {
  const code = page.waitForResponse((answer) => /\/pkg\/handshake\.[^/]*wasm$/.test(answer.url()));
  await page.goto('/dashboard');
  await live(page);
  const loaded = await code;
  await page.keyboard.press('Control+Alt+KeyQ');
  const panel = page.getByRole('dialog', { name: 'Query cache' });
  if (!loaded.url().endsWith('/handshake.wasm')) {
    expect((await loaded.body()).includes('Query cache')).toBe(false);
    await expect(panel).toHaveCount(0);
    return;
  }
  await expect(panel.getByRole('row').filter({ hasText: 'ServicesPage' })).toContainText('fresh');
  await expect(panel.locator(':focus'), 'the focus is in it').toHaveCount(1);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  const again = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/ui/services');
  await panel.getByRole('button', { name: 'Invalidate all' }).click();
  await again;
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await page.keyboard.press('Control+Alt+KeyQ');
  await expect(panel).toBeVisible();
});
