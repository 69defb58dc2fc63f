// A service's settings: changed at once, taken back when refused, merged when somebody was faster, and the end of it.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, freshName, live } from '../support/hubs.ts';
import { baseURL } from '../support/places.mjs';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

const description = (page: Page) => page.getByLabel('Description');

/** Somebody else changes the settings over REST. */
async function change(page: Page, service: string, text: string) {
  const answer = await page.request.put(`${baseURL}/api/v1/services/${service}/settings`, {
    headers: { Origin: baseURL, 'Sec-Fetch-Site': 'same-origin', 'If-Match': '*' },
    data: { name: service, description: text, archived: false },
  });
  expect(answer.status(), await answer.text()).toBe(200);
}

async function opened(page: Page) {
  const service = freshName('settings');
  await createService(page.request, service);
  await page.goto(`/services/${service}/settings`);
  await live(page);
  return service;
}

test('a description is changed', async ({ page }) => {
  const service = await opened(page);
  await description(page).fill('What it really is.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByRole('main')).toContainText('What it really is.');
});

test('line breaks and markup in a description are text, and stay as they are', async ({ page, gate }) => {
  // What is on screen of the old name is fetched once more before the page leaves it.
  gate.tolerates(/status of 4(04|10)/);
  const service = await opened(page);
  const text = '\nTwo lines,\n</textarea><script>alert(1)</script> & more.';
  await change(page, service, text);
  await page.reload();
  await live(page);
  await expect(description(page)).toHaveValue(text);
  // Saved with another name, so that something changes: the description doesn't.
  const renamed = `${service}-x`;
  await page.getByLabel('Name').fill(renamed);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: renamed })).toBeVisible();
  const stored = await page.request.get(`${baseURL}/api/v1/services/${renamed}/settings`);
  expect((await stored.json()).data.description).toBe(text);
});

test('what the hub has is told only when it changed meanwhile', async ({ page }) => {
  await opened(page);
  await description(page).fill('Mine.');
  await expect(page.getByText('On the hub:')).toHaveCount(0);
});

test('what is typed stays while somebody else is faster, and both are shown', async ({ page }) => {
  const service = await opened(page);
  await description(page).fill('Mine.');
  await change(page, service, 'Theirs.');
  await expect(page.getByText('On the hub: Theirs.')).toBeVisible();
  await page.getByRole('button', { name: 'Take it' }).click();
  await expect(description(page)).toHaveValue('Theirs.');
  await expect(page.getByText('On the hub:')).toHaveCount(0);
  await description(page).fill('Mine.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('main')).toContainText('Mine.');
  await expect(page).toHaveURL(`/services/${service}`);
});

test('who saves for a state that is gone is told, and keeps what was typed', async ({ page, gate }) => {
  gate.expects(/status of 412/);
  const service = freshName('settings');
  await createService(page.request, service);
  // Without events, so that the page doesn't know.
  await page.route('**/api/v1/events*', (route) => route.abort());
  gate.tolerates(/ERR_FAILED/);
  await page.goto(`/services/${service}/settings`);
  await description(page).fill('Mine.');
  await change(page, service, 'Theirs.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).not.toHaveText('');
  await expect(page.getByText('On the hub: Theirs.')).toBeVisible();
  await expect(description(page)).toHaveValue('Mine.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByRole('main')).toContainText('Mine.');
});

test('a service is archived and restored', async ({ page }) => {
  const service = await opened(page);
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByText('nothing can be published until')).toBeVisible();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByText('nothing can be published until')).toHaveCount(0);
});

test('a service is renamed, and its old address leads to the new one', async ({ page, gate }) => {
  // What is on screen of the old name is fetched once more before the page leaves it.
  gate.tolerates(/status of 4(04|10)/);
  const service = await opened(page);
  const renamed = freshName('renamed');
  await page.getByLabel('Name').fill(renamed);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: renamed })).toBeVisible();
  await page.goto(`/services/${service}`);
  await expect(page).toHaveURL(`/services/${renamed}`);
});

test('a service is deleted by who types its name', async ({ page, gate }) => {
  gate.expects(/status of 422/);
  gate.tolerates(/status of 404/);
  const service = await opened(page);
  await page.getByLabel(/to delete it/).fill('something else');
  await page.getByRole('button', { name: 'Delete this service' }).click();
  await expect(page.getByRole('alert').filter({ hasText: service })).toBeVisible();
  await page.getByLabel(/to delete it/).fill(service);
  await page.getByRole('button', { name: 'Delete this service' }).click();
  await expect(page).toHaveURL('/services');
  await expect(page.getByRole('link', { name: service })).toHaveCount(0);
});

test('a description is changed without a script all the same', async ({ newPage, gate }) => {
  // This is how Chromium notes a script that it was told not to run.
  gate.tolerates(/^no answer: GET .*\.js: csp$/);
  const page = await newPage({ storageState: signedIn('admin'), javaScriptEnabled: false });
  const service = freshName('settings');
  await createService(page.request, service);
  await page.goto(`/services/${service}/settings`);
  await description(page).fill('Typed without\na script.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByRole('main')).toContainText('Typed without a script.');
  const stored = await page.request.get(`${baseURL}/api/v1/services/${service}/settings`);
  expect((await stored.json()).data.description).toBe('Typed without\na script.');
});
