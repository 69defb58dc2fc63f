// Two documents judged in the browser, by anybody, without a request.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { fixture, manyOperations, read } from '../support/hubs.ts';
import { nobody } from '../support/people.ts';

test.use({ storageState: nobody });

const editor = (page: Page, side: 'Base' | 'Revision') => page.getByRole('textbox', { name: side, exact: true });
const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });
const judged = (page: Page) => expect(verdict(page).locator('.summary')).toBeVisible();

/** The page, with its engine ready. */
async function open(page: Page, fragment = '') {
  await page.goto(`/playground${fragment}`);
  await ready(page);
}

async function ready(page: Page) {
  await expect(page.getByRole('heading', { level: 1, name: 'Playground' })).toBeVisible();
  await expect(page.getByText('The engine is loading…')).toHaveCount(0, { timeout: 30_000 });
}

/** What is selected in an editor. */
const selected = (page: Page, side: 'Base' | 'Revision') =>
  editor(page, side).evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd));

/** A document of many megabytes; what the second one asks for, the first one allowed, and more. */
function large(version: 1 | 2) {
  const filler = 'Words that make a document long without making it say more. '.repeat(30);
  const document = JSON.parse(manyOperations(4_000, version === 1 ? 2 : 1));
  for (const item of Object.values<{ get: { description?: string } }>(document.paths)) item.get.description = filler;
  const text = JSON.stringify(document, null, 1);
  expect(text.length).toBeGreaterThan(8_000_000);
  return Buffer.from(text);
}

const file = (page: Page, side: 'base' | 'revision') => page.locator(`#${side}-file`);

test('signed out, the verdict comes while one types, and no request is made', async ({ page }) => {
  await open(page);
  const requests: string[] = [];
  page.context().on('request', (request) => requests.push(request.url()));
  await editor(page, 'Base').fill(read('bookings-1.0.0.yaml'));
  await expect(verdict(page)).toContainText('Add the revision');
  await editor(page, 'Revision').fill(read('bookings-1.0.0.yaml'));
  await expect(verdict(page)).toContainText('No changes that clients can feel');
  await editor(page, 'Revision').fill(read('bookings-2.0.0.yaml'));
  await expect(verdict(page)).toContainText('request-property-became-required');
  await expect(verdict(page).locator('.summary.breaking')).toBeVisible();
  await editor(page, 'Revision').press('Control+End');
  await editor(page, 'Revision').pressSequentially('# a comment more');
  await expect(verdict(page).locator('.summary.breaking')).toBeVisible();
  expect(requests, 'nothing leaves the page').toEqual([]);
});

test('the engine is small enough to be waited for', async ({ page }) => {
  test.skip(Boolean(process.env.HANDSHAKE_WAIT), 'a build for development is neither split nor compressed');
  const parts: number[] = [];
  page.context().on('requestfinished', async (request) => {
    if (new URL(request.url()).pathname.endsWith('.wasm')) parts.push((await request.sizes()).responseBodySize);
  });
  await open(page);
  await editor(page, 'Base').fill(read('bookings-1.0.0.yaml'));
  await editor(page, 'Revision').fill(read('bookings-2.0.0.yaml'));
  await judged(page);
  const kilobytes = Math.max(...parts) / 1000;
  console.log(`engine: ${kilobytes.toFixed(1)} kB, as sent`);
  expect(kilobytes).toBeGreaterThan(100);
  expect(kilobytes).toBeLessThanOrEqual(400);
});

test('a finding leads both editors to its lines', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await judged(page);
  const finding = verdict(page).locator('.finding', { hasText: 'currency' }).filter({ hasText: 'request-required-property-added' });
  const button = finding.locator('.jump');
  const lines = /(\d+):\d+ → (\d+):\d+/.exec((await button.textContent()) ?? '') ?? [];
  await finding.locator('.message').click();
  await expect(editor(page, 'Revision')).toBeFocused();
  const line = (side: 'Base' | 'Revision', number: string | undefined) =>
    editor(page, side).evaluate((area: HTMLTextAreaElement, n) => area.value.split('\n')[n - 1], Number(number));
  expect(await selected(page, 'Base')).toBe(await line('Base', lines[1]));
  expect(await selected(page, 'Revision')).toBe(await line('Revision', lines[2]));
  await expect(page.getByRole('status').filter({ hasText: `Line ${lines[1]} of the base` })).toBeAttached();

  await test.step('and shows the message that proves it', async () => {
    const proof = finding.locator('details');
    await proof.locator('summary').click();
    await expect(proof.locator('pre')).toContainText('POST /');
  });

  await test.step('by keyboard, and to a place that only one of them has', async () => {
    const gone = verdict(page).locator('.finding', { hasText: 'operation-removed' }).locator('.jump');
    await gone.focus();
    await page.keyboard.press('Enter');
    await expect(editor(page, 'Base')).toBeFocused();
  });
});

test('findings are shown by level, and long lists in pages', async ({ page }) => {
  await open(page);
  await file(page, 'base').setInputFiles({ name: 'one.json', mimeType: 'application/json', buffer: Buffer.from(manyOperations(120, 2)) });
  await file(page, 'revision').setInputFiles({ name: 'two.json', mimeType: 'application/json', buffer: Buffer.from(manyOperations(120, 1)) });
  await judged(page);
  const findings = verdict(page).locator('.finding');
  await expect(findings).toHaveCount(50);
  await verdict(page).getByRole('button', { name: 'Show more' }).click();
  await expect(findings).toHaveCount(100);
  await verdict(page).getByRole('button', { name: 'Show more' }).click();
  await expect(findings).toHaveCount(120);
  await expect(verdict(page).getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await verdict(page).getByRole('button', { name: /Risky/ }).click();
  await expect(verdict(page)).toContainText('No findings');
  await verdict(page).getByRole('button', { name: /All/ }).click();
  await expect(findings).toHaveCount(50);
});

test('what can’t be read is said with its place', async ({ page }) => {
  await open(page);
  await editor(page, 'Base').fill(read('bookings-1.0.0.yaml'));
  await editor(page, 'Revision').fill('openapi: 3.1.0\ninfo:\n  title: Broken\n  version: "1\npaths: {}\n');
  const side = page.getByRole('region', { name: 'Revision' });
  await expect(side).toContainText('can’t be read'.replace('’', "'"));
  const place = side.getByRole('button', { name: /^line \d+, column \d+$/ }).first();
  const line = Number(/line (\d+)/.exec((await place.textContent()) ?? '')?.[1]);
  await place.click();
  await expect(editor(page, 'Revision')).toBeFocused();
  const expected = await editor(page, 'Revision').evaluate((area: HTMLTextAreaElement, n) => area.value.split('\n')[n - 1], line);
  expect(await selected(page, 'Revision')).toBe(expected);
  await editor(page, 'Revision').fill(read('bookings-2.0.0.yaml'));
  await judged(page);
  await expect(side.locator('.refusal')).toHaveCount(0);
});

test('files are opened and dropped', async ({ page }) => {
  await open(page);
  await file(page, 'base').setInputFiles(fixture('bookings-1.0.0.yaml'));
  await expect(editor(page, 'Base')).toHaveValue(/Reading room bookings/);
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'two.yaml'));
    return transfer;
  }, read('bookings-2.0.0.yaml'));
  await page.getByRole('region', { name: 'Revision' }).dispatchEvent('drop', { dataTransfer: data });
  await expect(verdict(page).locator('.summary.breaking')).toBeVisible();

  await test.step('what is no text is refused', async () => {
    await file(page, 'base').setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0xff, 0xfe]) });
    await expect(page.getByRole('alert').filter({ hasText: 'picture.png is not UTF-8 text' })).toBeVisible();
    await expect(editor(page, 'Base')).toHaveValue(/Reading room bookings/);
  });

  await test.step('swapped and cleared', async () => {
    await page.getByRole('button', { name: 'Swap' }).click();
    await expect(editor(page, 'Revision')).toHaveValue(/version: 1\.0\.0/);
    await page.getByRole('button', { name: 'Clear revision' }).click();
    await expect(editor(page, 'Revision')).toHaveValue('');
    await expect(verdict(page)).toContainText('Add the revision');
  });
});

test('a link carries both documents, and a reload keeps them', async ({ page, newPage, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await editor(page, 'Base').press('Control+Home');
  await editor(page, 'Base').pressSequentially('# é𝄞\n');
  const base = await editor(page, 'Base').inputValue();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('Both documents are in the link itself')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/\/playground#pair=[\w-]+$/);

  await test.step('somebody else opens it', async () => {
    const other = await newPage({ storageState: nobody });
    const sent: string[] = [];
    other.context().on('request', (request) => sent.push(request.url()));
    await other.goto(link);
    await expect(editor(other, 'Base')).toHaveValue(base);
    await judged(other);
    expect(sent.filter((url) => url.includes('pair')), 'the fragment stays in the browser').toEqual([]);
    await other.reload();
    await expect(editor(other, 'Base'), 'also when it is reloaded').toHaveValue(base);
  });

  await page.reload();
  await expect(editor(page, 'Base')).toHaveValue(base);
  await judged(page);

  await test.step('a damaged one says so', async () => {
    const other = await newPage({ storageState: nobody });
    await other.goto(`${link.slice(0, -40)}`);
    await expect(other.getByRole('alert').filter({ hasText: 'damaged' })).toBeVisible();
  });
});

test('a policy judges, says what is wrong with it, and travels in the link', async ({ page, newPage, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await judged(page);
  const policy = (on: Page) => on.getByRole('textbox', { name: 'Policy', exact: true });
  const side = page.getByRole('region', { name: 'Policy' });
  await expect(policy(page)).toBeHidden();
  await page.getByText('Judge by a policy').click();

  await test.step('with the line of what can’t be read', async () => {
    await policy(page).fill('[rules]\noperation-remove = "off"\n');
    await expect(side).toContainText('did you mean operation-removed');
    await expect(verdict(page)).toContainText('Fix the error shown below the editor');
    await expect(verdict(page).locator('.finding')).toHaveCount(0);
    await side.getByRole('button', { name: 'line 2' }).click();
    await expect(policy(page)).toBeFocused();
    expect(await policy(page).evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart, area.selectionEnd)))
      .toBe('operation-remove = "off"');
  });

  await test.step('what it ignores is shown apart, with the reason', async () => {
    await policy(page).fill('[[ignore]]\nrule = "operation-removed"\nreason = "Nobody calls it."\n');
    await expect(side).toContainText('0 rules, 1 ignore');
    await expect(verdict(page).locator('.summary')).toContainText('1 ignored by the policy');
    await expect(verdict(page).locator('.finding', { hasText: 'operation-removed' })).toHaveCount(0);
    await verdict(page).getByRole('button', { name: 'Ignored 1' }).click();
    await expect(verdict(page).locator('.finding')).toHaveCount(1);
    await expect(verdict(page).locator('.finding')).toContainText('Ignored: Nobody calls it.');
  });

  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('Both documents and the policy are in the link itself')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await newPage({ storageState: nobody });
  await other.goto(link);
  await expect(policy(other), 'a policy that comes with a link is open').toHaveValue(/Nobody calls it/);
  await expect(verdict(other).locator('.summary')).toContainText('1 ignored by the policy');

  await page.reload();
  await expect(policy(page)).toHaveValue(/Nobody calls it/);
  await expect(verdict(page).locator('.summary')).toContainText('1 ignored by the policy');
});

test('documents that are too long for a link are downloaded instead', async ({ page }) => {
  await open(page);
  // Random digits, which no compression makes short.
  const noise = Array.from({ length: 40_000 }, () => Math.random().toString(36).slice(2)).join('');
  await editor(page, 'Base').fill(`openapi: 3.1.0\ninfo: {title: Noise, version: "1", description: ${noise}}\npaths: {}`);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('too long for most programs')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the base' }).click();
  expect((await download).suggestedFilename()).toBe('base.yaml');
});

test('once it is loaded, it needs no network', async ({ page, context, gate }) => {
  gate.tolerates(/ERR_INTERNET_DISCONNECTED/);
  await open(page);
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await judged(page);
  await editor(page, 'Revision').press('Control+End');
  await editor(page, 'Revision').pressSequentially('broken: [');
  await expect(page.getByRole('region', { name: 'Revision' })).toContainText("can't be read");
  await expect(page.locator('[data-live]'), 'nobody who is signed out is told of a stream').toHaveCount(0);
});

test('a large document is shown in parts, and keeps the page from nothing', async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  await page.evaluate(() => {
    const long: number[] = [];
    Object.assign(window, { long });
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await file(page, 'base').setInputFiles({ name: 'one.json', mimeType: 'application/json', buffer: large(1) });
  await file(page, 'revision').setInputFiles({ name: 'two.json', mimeType: 'application/json', buffer: large(2) });
  await expect(verdict(page)).toContainText('4,000 breaking', { timeout: 60_000 });
  const side = page.getByRole('region', { name: 'Revision' });
  await expect(side).toContainText('is shown in parts');
  const reading = await page.evaluate(() => (window as unknown as { long: number[] }).long.splice(0));

  await test.step('a finding far below leads to its line', async () => {
    for (let i = 0; i < 3; i += 1) await verdict(page).getByRole('button', { name: 'Show more' }).click();
    await verdict(page).locator('.finding').nth(150).locator('.jump').click();
    await expect(editor(page, 'Revision')).toBeFocused();
    expect(await selected(page, 'Revision')).toMatch(/"type": "integer"|"schema"/);
  });

  await test.step('each part can be edited', async () => {
    await side.getByLabel('Line', { exact: true }).fill('2');
    await side.getByRole('button', { name: 'Go' }).click();
    await editor(page, 'Revision').press('Home');
    await editor(page, 'Revision').pressSequentially('"x-typed": "while the engine was at it",', { delay: 60 });
    await expect(verdict(page)).toContainText('4,000 breaking', { timeout: 60_000 });
    await expect(verdict(page)).not.toHaveAttribute('aria-busy', 'true', { timeout: 60_000 });
  });
  const typing = await page.evaluate(() => (window as unknown as { long: number[] }).long);
  const round = (all: number[]) => all.map(Math.round);
  // Told, not judged: other programs on the machine count as well. What keeps the page free is that the engine isn't in it.
  console.log(`long tasks in ms: while reading ${JSON.stringify(round(reading))}, while typing ${JSON.stringify(round(typing))}`);
  expect(page.workers(), 'the engine has a thread of its own').toHaveLength(1);
});

test('an engine that breaks is said and replaced', async ({ page, gate }) => {
  gate.tolerates(/the engine was ended/);
  // A worker that never gets its module stands in for one that broke.
  await page.route('**/engine/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("broken on purpose")' }), { times: 1 });
  gate.tolerates(/broken on purpose/);
  await page.goto('/playground');
  const alert = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
  await expect(alert).toBeVisible();
  await alert.getByRole('button', { name: 'Restart the engine' }).click();
  await ready(page);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await judged(page);
});

test('an engine that takes too long is stopped, and a change starts it again', async ({ page, gate }) => {
  gate.tolerates(/the engine was ended/);
  // A worker that is ready and never answers stands in for one that a document keeps busy.
  const busy = 'onmessage = () => { onmessage = null; postMessage(JSON.stringify("ready")); };';
  await page.route('**/engine/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: busy }), { times: 1 });
  await open(page);
  await page.getByRole('button', { name: 'Load an example' }).click();
  await expect(verdict(page)).toHaveAttribute('aria-busy', 'true');
  // In real time: Playwright's own clock numbers its timers beyond what WebAssembly's 32 bits can cancel.
  await expect(page.getByRole('alert').filter({ hasText: 'longer than 20 seconds' })).toBeVisible({ timeout: 30_000 });
  await expect(editor(page, 'Base')).toHaveValue(/title: Orders/);
  await editor(page, 'Revision').press('Control+End');
  await editor(page, 'Revision').pressSequentially('# fixed');
  await judged(page);
});

test('Tab leaves the editors', async ({ page }) => {
  await open(page);
  await editor(page, 'Base').focus();
  await page.keyboard.press('Tab');
  await expect(editor(page, 'Base')).not.toBeFocused();
  await expect(editor(page, 'Base')).toHaveValue('');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the page says what to use instead', async ({ page, gate }) => {
    gate.tolerates(/^no answer: GET .*\.js: csp$/);
    gate.tolerates(/was preloaded using link preload but not used/);
    await page.goto('/playground');
    await expect(page.locator('noscript code')).toHaveText('handshake diff old.yaml new.yaml');
    await expect(page.locator('noscript code')).toBeVisible();
    await expect(page.getByRole('textbox')).toHaveCount(0);
  });
});
