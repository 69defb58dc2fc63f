// What every page promises on the wire.
import { expect, test } from '../support/gate.ts';
import { nobody, signedIn } from '../support/people.ts';

test.describe('the content security policy', () => {
  test.use({ storageState: nobody });

  test('lets only the page’s own scripts run', async ({ page, gate }) => {
    const answer = await page.goto('/login');
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src[^;]*'nonce-/);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    gate.expects(/Content Security Policy/);
    const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
    await page.evaluate(() => {
      // A script that slipped into the markup, as cross-site scripting does it.
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.slipped = true">');
    });
    await refused;
    expect(await page.evaluate(() => 'slipped' in window)).toBe(false);
  });
});

test.describe('signed in', () => {
  test.use({ storageState: signedIn('viewer') });

  test('the first load of the dashboard is small, and its parts are kept by their hash', async ({ page }) => {
    test.skip(Boolean(process.env.HANDSHAKE_WAIT), 'a build for development is neither split, compressed nor hashed');
    const parts: { url: string; size: number; headers: Record<string, string> }[] = [];
    page.on('requestfinished', async (request) => {
      const answer = await request.response();
      if (answer && /\.(js|wasm|css)$/.test(new URL(request.url()).pathname)) {
        parts.push({ url: request.url(), size: (await request.sizes()).responseBodySize, headers: await answer.allHeaders() });
      }
    });
    await page.goto('/dashboard');
    await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live');
    expect(parts.some(({ url }) => url.endsWith('.wasm'))).toBe(true);
    // They name each other: one that a browser kept from another release must not meet the others of this one.
    const names = parts.map(({ url }) => url.split('/').pop() ?? '').filter((name) => /^(handshake|__wasm_split)\..*(js|wasm)$/.test(name));
    expect(names).toHaveLength(3);
    expect(new Set(names.map((name) => name.split('.')[1])).size, names.join()).toBe(1);
    for (const { url, headers } of parts) expect(headers['cache-control'], url).toMatch(/immutable/);
    const code = parts.filter(({ url }) => !url.endsWith('.css'));
    for (const { url, headers } of code) expect(headers['content-encoding'], url).toBe('br');
    const kilobytes = code.reduce((sum, { size }) => sum + size, 0) / 1000;
    console.log(`first load: ${kilobytes.toFixed(1)} kB of WebAssembly and JavaScript, as sent`);
    expect(kilobytes).toBeLessThanOrEqual(250);
  });

  test('a page that is a chunk of its own comes in few requests', async ({ page }) => {
    test.skip(Boolean(process.env.HANDSHAKE_WAIT), 'a build for development is not split');
    await page.goto('/services');
    await expect(page.locator('[data-hydrated]')).toBeAttached();
    await page.goto('/playground');
    await expect(page.getByText('The engine is loading…')).toHaveCount(0, { timeout: 30_000 });
    const fetched = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
    const modules = fetched.filter((path) => path.endsWith('.wasm'));
    expect(modules.some((path) => /\/chunks\./.test(path)), 'the small ones come together').toBe(true);
    expect(new Set(modules).size, 'the splitter makes eighty of it').toBeLessThanOrEqual(30);
  });

  test('a page whose code is gone, as after a release, comes from the server', async ({ page, gate }) => {
    test.skip(Boolean(process.env.HANDSHAKE_WAIT), 'a build for development is not split');
    gate.tolerates(/404|WebAssembly|Failed to load resource/);
    const rail = page.getByRole('navigation', { name: 'Main' });
    const heading = (name: string) => page.getByRole('heading', { level: 1, name });
    await page.goto('/dashboard');
    await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live');
    const gone = /\/pkg\/(chunk|split_)/;
    await page.route(gone, (route) => route.fulfill({ status: 404 }));
    const document = page.waitForRequest((request) => request.isNavigationRequest());
    await rail.getByRole('link', { name: 'Practices' }).click();
    expect(new URL((await document).url()).pathname).toBe('/practices');
    await expect(heading('Practices')).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'code could not be loaded' })).toBeVisible();
    // Without its code the page is what the server made of it, and its links are links.
    await rail.getByRole('link', { name: 'Rules' }).click();
    await expect(heading('Rules')).toBeVisible();
    await page.unroute(gone);
    await rail.getByRole('link', { name: 'Services' }).click();
    await expect(heading('Services')).toBeVisible();
    await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live');
  });

  test('code that comes too late, or never, leaves the page that somebody is on by now alone', async ({ page, gate }) => {
    test.skip(Boolean(process.env.HANDSHAKE_WAIT), 'a build for development is not split');
    gate.tolerates(/404|WebAssembly|Failed to load resource/);
    const rail = page.getByRole('navigation', { name: 'Main' });
    await page.goto('/services');
    await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live');
    let refuse = () => {};
    const refused = new Promise<void>((resolve) => (refuse = resolve));
    await page.route(/\/pkg\/(chunk|split_)/, async (route) => {
      await refused;
      await route.fulfill({ status: 404 });
    });
    const wanted = page.waitForRequest(/\/pkg\/split_/);
    await rail.getByRole('link', { name: 'Rules' }).click();
    await wanted;
    await rail.getByRole('link', { name: 'Dashboard' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
    await page.evaluate(() => Object.assign(window, { untouched: true }));
    const said = page.waitForEvent('console', (message) => message.type() === 'error' && message.text().includes('WebAssembly'));
    refuse();
    await said;
    await expect(rail.getByRole('link', { name: 'Dashboard' })).toHaveAttribute('aria-current', 'page');
    await expect(page.getByText('code could not be loaded')).toBeHidden();
    expect(await page.evaluate(() => 'untouched' in window)).toBe(true);
  });

  test('a trace begins in the browser with each call', async ({ page }) => {
    const parents: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.startsWith('/api/ui/')) parents.push(request.headers()['traceparent'] ?? 'none');
    });
    await page.goto('/dashboard');
    const answered = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/ui/services');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Services' }).click();
    const headers = (await answered).headers();
    expect(parents.length).toBeGreaterThan(0);
    for (const parent of parents) expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(new Set(parents).size, 'each call has a trace of its own').toBe(parents.length);
    expect(parents.some((parent) => parent.includes(headers['x-trace-id'] ?? 'none')), 'the server goes on with it').toBe(true);
  });

  test('the reference describes the hub itself', async ({ page }) => {
    const contract = await (await page.request.get('/api/v1/openapi.json')).json();
    expect(contract.openapi).toMatch(/^3\./);
    await page.goto('/docs/api');
    const main = page.getByRole('main');
    for (const path of Object.keys(contract.paths)) await expect(main, path).toContainText(path);
    await main.getByRole('link', { name: /^POST \/api\/v1\/services\/\{service\}\/versions/ }).click();
    await expect(main).toContainText('Idempotency-Key');
    await expect(main).toContainText('201');
    await page.reload();
    await expect(main, 'an operation has an address of its own').toContainText('Idempotency-Key');
    await expect(page.locator('#error-label-taken')).toBeVisible();
  });

  test('practices point at what is really there', async ({ page }) => {
    await page.goto('/practices');
    const links = await page.getByRole('main').locator('a[href^="/"]').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.length).toBeGreaterThan(0);
    for (const link of new Set(links)) expect((await page.request.get(link)).status(), link).toBeLessThan(400);
  });
});
