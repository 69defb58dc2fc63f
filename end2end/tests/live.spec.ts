// What open pages hear, and over how many connections: all tabs of a browser share one stream.
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import type { Hub } from '../support/hub.mjs';
import { createService, freshName, live, mark, publish, read, sameDocument } from '../support/hubs.ts';
import { nobody, people, signIn, signedIn } from '../support/people.ts';

const EVENTS = '**/api/v1/events*';
const first = read('bookings-1.0.0.yaml');
const second = read('bookings-2.0.0.yaml');

/** How many streams the hub has open. */
async function streams(hub: Hub) {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  return Number(/^handshake_live_streams (\d+)$/m.exec(text)?.[1]);
}

const versions = (page: Page) => page.getByRole('region', { name: 'Versions', exact: true });
const status = (page: Page) => page.locator('[data-live]');

/** Lets tests hide and show pages, as somebody does who looks at another tab. A browser without windows shows them all. */
const hideable = (context: BrowserContext) =>
  context.addInitScript(() => {
    let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
    const setHidden = (now: boolean) => {
      hidden = now;
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    };
    Object.assign(window, { setHidden });
  });
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => (window as unknown as { setHidden: (hidden: boolean) => void }).setHidden(hidden), hidden);

type World = { hub: Hub; context: BrowserContext; service: string; tabs: Page[]; publish: (document: string) => Promise<void> };

/** A hub of its own, and a browser with that many live tabs on a service's page. */
const worlds = test.extend<{ world: (count: number, prepare?: (context: BrowserContext) => Promise<unknown>) => Promise<World> }>({
  world: async ({ newHub, newPage }, use) => {
    await use(async (count, prepare = hideable) => {
      const hub = await newHub({ demo: true });
      const page = await newPage({ baseURL: hub.url, storageState: nobody });
      const context = page.context();
      await prepare(context);
      await signIn(page, people.admin);
      const service = freshName('tabs');
      await createService(context.request, service, hub.url);
      const tabs = [page];
      while (tabs.length < count) tabs.push(await context.newPage());
      for (const tab of tabs) {
        await tab.goto(`${hub.url}/services/${service}`);
        await live(tab);
        await mark(tab);
      }
      return { hub, context, service, tabs, publish: (document) => publish(context.request, service, document, hub.url) };
    });
  },
});

test.describe('an event', () => {
  test.use({ storageState: signedIn('admin') });

  test('of a kind that a page doesn’t know makes it ask everything again', async ({ page }) => {
    const service = freshName('unknown');
    await createService(page.request, service);
    // A hub of a later release tells of something that this page has never heard of.
    let release = () => {};
    const later = new Promise<void>((resolve) => (release = resolve));
    const event = { seq: 1_000_000, at: '2030-01-01T00:00:00.000Z', actor: 'Ada', type: 'service-moved', service, to: 'elsewhere' };
    await page.route(EVENTS, async (route) => {
      await later;
      const seq = Number(new URL(route.request().url()).searchParams.get('lastEventId')) + 1;
      await route.fulfill({ contentType: 'text/event-stream', body: `id: ${seq}\ndata: ${JSON.stringify({ ...event, seq })}\n\n` });
    });
    await page.goto(`/services/${service}`);
    const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/api/ui/versions');
    release();
    await asked;
  });
});

worlds('ten tabs are live over one stream, and all hear what happens', async ({ world }) => {
  const { hub, tabs, publish } = await world(10);
  expect(await streams(hub)).toBe(1);
  await publish(first);
  for (const tab of tabs) await expect(versions(tab)).toContainText('1.0.0');
  for (const tab of tabs) await sameDocument(tab);
  expect(await streams(hub)).toBe(1);
});

worlds('when the tab that holds the stream is closed, another goes on and nothing is missed', async ({ world }) => {
  const { hub, context, tabs, publish } = await world(3);
  const [holder, ...others] = tabs as [Page, ...Page[]];
  let release = () => {};
  const later = new Promise<void>((resolve) => (release = resolve));
  await context.route(EVENTS, async (route) => {
    await later;
    await route.continue();
  });
  const asked = context.waitForEvent('request', (request) => new URL(request.url()).pathname === '/api/v1/events');
  await holder.close();
  await asked;
  for (const tab of others) await expect(status(tab)).not.toHaveAttribute('data-live', 'live');
  await publish(first);
  release();
  for (const tab of others) {
    await expect(versions(tab)).toContainText('1.0.0');
    await live(tab);
    await sameDocument(tab);
  }
  expect(await streams(hub)).toBe(1);
});

worlds('a hidden tab hands the stream over, and hidden ones hold none', async ({ world }) => {
  const { hub, context, tabs, publish } = await world(2);
  const [one, other] = tabs as [Page, Page];
  const opened: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/v1/events') opened.push(url.searchParams.get('lastEventId') ?? '');
  });
  await setHidden(one, true);
  await expect.poll(() => opened.length, 'the visible tab takes over').toBe(1);
  await live(other);
  await expect.poll(() => streams(hub)).toBe(1);
  await publish(first);
  for (const tab of tabs) await expect(versions(tab)).toContainText('1.0.0');

  await setHidden(other, true);
  await expect.poll(() => streams(hub)).toBe(0);
  await publish(second);
  await setHidden(one, false);
  await expect(versions(one), 'it catches up').toContainText('2.0.0');
  await live(one);
  await expect(versions(other), 'and tells the other').toContainText('2.0.0');
  // From where the tab itself stood: one event after the one that the other tab began at.
  expect(opened.map(Number)).toEqual([Number(opened[0]), Number(opened[0]) + 1]);
  expect(await streams(hub)).toBe(1);
  for (const tab of tabs) await sameDocument(tab);
});

worlds('signing out in one tab ends the stream of all, and signing in gives each the new person’s', async ({ world, gate }) => {
  // The tab that signs out may be the one that holds the stream: the next one asks for it before it can know.
  gate.tolerates(/status of 401.*api\/v1\/events/);
  const { hub, tabs } = await world(3);
  const [here, ...others] = tabs as [Page, ...Page[]];
  await here.getByRole('button', { name: 'Sign out' }).click();
  await expect(here).toHaveURL(/\/login/);
  for (const tab of others) await expect(tab.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => streams(hub)).toBe(0);
  await signIn(here, people.viewer);
  for (const tab of tabs) {
    await expect(tab.locator('.who')).toHaveAttribute('title', /viewer/);
    await live(tab);
  }
  expect(await streams(hub)).toBe(1);
});

worlds('what a tab of somebody else tells is not heard', async ({ world }) => {
  const { tabs } = await world(2);
  const [one, other] = tabs as [Page, Page];
  const asked: string[] = [];
  one.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const whoAmI = one.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/ui/me');
  await other.evaluate(() => new BroadcastChannel('handshake-live-1').postMessage('somebody-else resync 1000000 '));
  await whoAmI;
  await live(one);
  expect(asked).toEqual(['/api/ui/me']);
});

worlds('where a browser has no locks, each tab that is looked at has a stream of its own', async ({ world }) => {
  const { hub, tabs, publish } = await world(2, async (context) => {
    await hideable(context);
    await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  });
  expect(await streams(hub)).toBe(2);
  const [one, other] = tabs as [Page, Page];
  await setHidden(other, true);
  await expect.poll(() => streams(hub)).toBe(1);
  await publish(first);
  await expect(versions(one)).toContainText('1.0.0');
  await setHidden(other, false);
  await expect(versions(other)).toContainText('1.0.0');
  await live(other);
  expect(await streams(hub)).toBe(2);
});
