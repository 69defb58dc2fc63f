// Every page, in both themes and two widths: axe finds nothing, and nothing sticks out sideways.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { live, setPolicy, twoVersions } from '../support/hubs.ts';
import { nobody, signedIn } from '../support/people.ts';

async function holds(page: Page, heading: string | RegExp) {
  // Four analyses of a long page take a minute of a busy machine.
  test.slow();
  await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]'), 'everything is loaded').toHaveCount(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      await test.step(`${colorScheme}, ${width} px`, async () => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        const found = violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) }));
        expect.soft(found).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(overflow, 'pixels that the page is too wide').toBeLessThanOrEqual(0);
      });
    }
  }
}

test.describe('signed out', () => {
  test.use({ storageState: nobody });
  for (const { path, heading } of [
    { path: '/', heading: /API change/ },
    { path: '/login', heading: 'Sign in' },
    { path: '/playground', heading: 'Playground' },
    { path: '/docs/api', heading: 'API reference' },
    { path: '/docs/api?operation=post%20/api/v1/services/%7Bservice%7D/versions', heading: 'API reference' },
  ]) {
    test(path, async ({ page }) => {
      await page.goto(path);
      await holds(page, heading);
    });
  }
});

test('the playground with a verdict', async ({ newPage }) => {
  const page = await newPage({ storageState: nobody });
  await page.goto('/playground');
  await page.getByRole('button', { name: 'Load an example' }).click();
  await expect(page.locator('.finding').first()).toBeVisible();
  await page.locator('.jump').first().click();
  await holds(page, 'Playground');
  await page.getByRole('textbox', { name: 'Revision', exact: true }).fill('openapi: 3.1.0\ninfo: [');
  await expect(page.locator('.refusal')).toBeVisible();
  await holds(page, 'Playground');
});

test('/setup', async ({ newHub, newPage }) => {
  // Only a hub that has nobody yet shows it.
  const hub = await newHub();
  const page = await newPage({ baseURL: hub.url, storageState: nobody });
  await page.goto('/setup');
  await holds(page, 'Set up Handshake');
});

test.describe('signed in', () => {
  test.use({ storageState: signedIn('admin') });

  for (const { path, heading } of [
    { path: '/dashboard', heading: 'Dashboard' },
    { path: '/services', heading: 'Services' },
    { path: '/services/new', heading: 'New service' },
    { path: '/publish', heading: 'Publish a version' },
    { path: '/practices', heading: 'Practices' },
    { path: '/settings/jobs', heading: 'Jobs' },
    { path: '/rules', heading: 'Rules' },
    { path: '/rules/operation-removed', heading: 'operation-removed' },
  ]) {
    test(path, async ({ page }) => {
      await page.goto(path);
      await holds(page, heading);
    });
  }

  test('a rule that does not exist', async ({ page, gate }) => {
    gate.tolerates(/status of 404/);
    await page.goto('/rules/no-such-rule');
    await holds(page, 'No such rule');
  });

  test('a page that does not exist', async ({ page, gate }) => {
    gate.tolerates(/status of 404/);
    await page.goto('/no-such-page');
    await holds(page, /not found/i);
  });

  for (const { name, path, heading } of [
    { name: 'a service', path: '', heading: /^bookings/ },
    { name: 'a version', path: '/versions/1.0.0', heading: / 1\.0\.0$/ },
    { name: 'an operation', path: `/versions/1.0.0?operation=${encodeURIComponent('post /rooms/{roomId}/bookings')}`, heading: / 1\.0\.0$/ },
    { name: 'schemas', path: '/versions/1.0.0/schemas', heading: / 1\.0\.0/ },
    { name: 'a schema', path: '/versions/1.0.0/schemas?schema=NewBooking', heading: / 1\.0\.0/ },
    { name: 'a source', path: '/versions/1.0.0/source', heading: / 1\.0\.0/ },
    { name: 'a score', path: '/versions/1.0.0/lint', heading: / 1\.0\.0/ },
    { name: 'findings of a rule', path: '/versions/1.0.0/lint?rule=property-undescribed', heading: / 1\.0\.0/ },
    { name: 'settings', path: '/settings', heading: /: settings$/ },
    { name: 'no policy', path: '/policy', heading: /: policy$/ },
    { name: 'a comparison', path: '/compare?base=1.0.0&revision=2.0.0', heading: /1\.0\.0 → 2\.0\.0/ },
  ]) {
    test(name, async ({ page }) => {
      const service = await twoVersions(page.request);
      await page.goto(`/services/${service}${path}`);
      await holds(page, heading);
    });
  }

  test('two who edit the same', async ({ page }) => {
    const service = await twoVersions(page.request);
    await setPolicy(page.request, service, '# ours\n[rules]\n');
    await page.goto(`/services/${service}/policy`);
    await live(page);
    await page.getByRole('textbox', { name: 'handshake.toml' }).fill('# mine\n');
    await setPolicy(page.request, service, '# theirs\n[rules]\n');
    await expect(page.getByRole('group', { name: 'On the hub' })).toBeVisible();
    await holds(page, /: policy$/);
  });

  for (const { name, path, heading } of [
    { name: 'a policy', path: '/policy', heading: /: policy$/ },
    { name: 'what it ignores', path: '/compare?base=1.0.0&revision=2.0.0&level=ignored', heading: /1\.0\.0 → 2\.0\.0/ },
    { name: 'what it ignores of lint', path: '/versions/1.0.0/lint?ignored=true', heading: / 1\.0\.0/ },
  ]) {
    test(name, async ({ page }) => {
      const service = await twoVersions(page.request);
      const ended = '[[ignore]]\nrule = "operation-removed"\nreason = "Nobody calls it."\nexpires = 2026-01-31\n';
      const rest = '[[ignore]]\nrule = "request-property-became-required"\nreason = "All send it."\n[rules]\nproperty-undescribed = "off"\n';
      await setPolicy(page.request, service, ended + rest);
      await page.goto(`/services/${service}${path}`);
      await holds(page, heading);
    });
  }
});

test.describe('by keyboard', () => {
  test.use({ storageState: signedIn('admin') });

  test('the first stop skips to the content, and stops are visible', async ({ page }) => {
    await page.goto('/dashboard');
    await page.keyboard.press('Tab');
    const first = page.locator(':focus');
    await expect(first).toHaveText(/skip/i);
    await expect(first).toBeInViewport();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
    expect(await page.locator(':focus').evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none');
  });
});
