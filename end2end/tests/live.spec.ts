// What an open page hears, and over how many connections.
import { expect, test } from '../support/gate.ts';
import { createService, freshName } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

test('a page hears events of a kind that it doesn’t know, and asks everything again', async ({ page }) => {
  const service = freshName('unknown');
  await createService(page.request, service);
  // A hub of a later release tells of something that this page has never heard of.
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  const event = { seq: 1_000_000, at: '2030-01-01T00:00:00.000Z', actor: 'Ada', type: 'service-moved', service, to: 'elsewhere' };
  await page.route('**/api/v1/events*', async (route) => {
    await later;
    await route.fulfill({ contentType: 'text/event-stream', body: `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n` });
  });
  await page.goto(`/services/${service}`);
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/api/ui/versions');
  release();
  await asked;
});
