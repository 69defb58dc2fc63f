import { expect, test } from '../support/gate.ts';
import { createService, freshName, live, mark, publish, read, sameDocument } from '../support/hubs.ts';
import { nobody, people, signIn } from '../support/people.ts';

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`a page outlives a restart of the server by ${signal} and misses nothing`, async ({ newHub, newPage, gate }) => {
    // What the browser itself notes about the stream that broke off and the tries to reach the hub meanwhile.
    gate.tolerates(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/);
    const hub = await newHub({ demo: true });
    const page = await newPage({ baseURL: hub.url, storageState: nobody });
    await signIn(page, people.admin);
    const service = freshName('restart');
    await createService(page.request, service, hub.url);
    await publish(page.request, service, read('bookings-1.0.0.yaml'), hub.url);
    await page.goto(`/services/${service}`);
    await live(page);
    await mark(page);

    const stopping = Date.now();
    await hub.stop(signal);
    expect(Date.now() - stopping, 'open live streams must not hold the server up').toBeLessThan(8_000);
    await expect(page.locator('[data-live]')).not.toHaveAttribute('data-live', 'live');
    // Everything on the page is fetched again and nobody answers: what was known stays.
    const asked = page.waitForEvent('requestfailed', (request) => new URL(request.url()).pathname === '/api/ui/versions');
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await asked;
    await expect(page.getByRole('region', { name: 'Versions', exact: true })).toContainText('1.0.0');
    await hub.start();
    // Published while the page may still be away: it has to find out when it comes back.
    await publish(page.request, service, read('bookings-2.0.0.yaml'), hub.url);
    await expect(page.getByRole('region', { name: 'Versions', exact: true })).toContainText('2.0.0', { timeout: 30_000 });
    await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live', { timeout: 30_000 });

    await publish(page.request, service, read('bookings-1.0.0.yaml').replace('version: 1.0.0', 'version: 3.0.0'), hub.url);
    await expect(page.getByRole('region', { name: 'Versions', exact: true })).toContainText('3.0.0');
    await sameDocument(page);
  });
}

test('a browser that goes offline says so and catches up', async ({ newHub, newPage, gate }) => {
  gate.tolerates(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK/);
  const hub = await newHub({ demo: true });
  const page = await newPage({ baseURL: hub.url, storageState: nobody });
  const other = await newPage({ baseURL: hub.url, storageState: nobody });
  await signIn(page, people.admin);
  await signIn(other, people.admin);
  const service = freshName('offline');
  await createService(other.request, service, hub.url);
  await page.goto(`/services/${service}`);
  await live(page);
  await page.context().setOffline(true);
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'offline');
  await publish(other.request, service, read('bookings-1.0.0.yaml'), hub.url);
  await page.context().setOffline(false);
  await expect(page.getByRole('region', { name: 'Versions', exact: true })).toContainText('1.0.0', { timeout: 30_000 });
  await live(page);
});
