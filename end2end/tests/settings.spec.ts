// A service's settings: changed at once, taken back when refused, merged when somebody was faster, and the end of it.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, freshName, live, mark, sameDocument } from '../support/hubs.ts';
import { baseURL } from '../support/places.mjs';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

const description = (page: Page) => page.getByLabel('Description');

/** Somebody else changes the settings over REST. */
async function change(page: Page, service: string, text: string, name = service) {
  const answer = await page.request.put(`${baseURL}/api/v1/services/${service}/settings`, {
    headers: { Origin: baseURL, 'Sec-Fetch-Site': 'same-origin', 'If-Match': '*' },
    data: { name, description: text, archived: false },
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

test('line breaks and markup in a description are text, and stay as they are', async ({ page }) => {
  const service = await opened(page);
  const text = 'Two lines,\n</textarea><script>alert(1)</script> & more.';
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

test('what the hub has is shown only when it is not what the draft began from', async ({ page }) => {
  const service = await opened(page);
  const theirs = page.getByText('On the hub:');
  await description(page).fill('Mine.');
  await page.getByLabel('Name').press('End');
  await page.getByLabel('Name').pressSequentially('-x');
  await expect(theirs).toHaveCount(0);
  await change(page, service, 'Theirs,\nin two lines.');
  await expect(page.getByLabel('On the hub')).toHaveText('Theirs,\nin two lines.');
  await expect(theirs, 'the name is what it was').toHaveCount(1);
  await page.getByRole('button', { name: 'Take it' }).click();
  await expect(description(page)).toHaveValue('Theirs,\nin two lines.');
  await expect(theirs).toHaveCount(0);
  // The draft is gone: what comes next is shown in the field.
  await change(page, service, 'Theirs again.');
  await expect(description(page)).toHaveValue('Theirs again.');
  await expect(theirs).toHaveCount(0);
  await expect(page.getByLabel('Name')).toHaveValue(`${service}-x`);
});

test('line breaks of a description are kept', async ({ page }) => {
  const service = freshName('settings');
  await createService(page.request, service);
  const text = 'One.\n\n</textarea><b>Two</b> & three.';
  await change(page, service, text);
  await page.goto(`/services/${service}/settings`);
  await expect(description(page)).toHaveValue(text);
  await description(page).press('Control+End');
  await description(page).pressSequentially(' Four.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  const settings = await page.request.get(`${baseURL}/api/v1/services/${service}/settings`);
  expect((await settings.json()).data.description).toBe(`${text} Four.`);
  // Drawn by the script alone.
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await expect(description(page)).toHaveValue(`${text} Four.`);
});

test('a change shows at once, and is taken back when it is refused', async ({ page, gate }) => {
  gate.expects(/status of 412/);
  const service = await opened(page);
  await description(page).fill('Mine.');
  // The hub gets the change when somebody else has made theirs.
  let save = () => {};
  const held = new Promise<void>((resolve) => (save = resolve));
  await page.route('**/api/ui/save-settings', async (route) => {
    await held;
    await route.continue();
  });
  // What the page takes for the hub's: the form that archives sends it along.
  const shown = page.locator('input[type="hidden"][name="description"]');
  await expect(shown).toHaveValue('Made by a test.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(shown).toHaveValue('Mine.');
  await change(page, service, 'Theirs.');
  await change(page, service, 'Made by a test.');
  save();
  await expect(page.getByRole('alert')).toContainText('changed by somebody else');
  await expect(shown).toHaveValue('Made by a test.');
  await expect(description(page)).toHaveValue('Mine.');
  await expect(page.getByText('On the hub:'), 'it is what the draft began from').toHaveCount(0);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByRole('main')).toContainText('Mine.');
});

test('a service that is not archived after all shows so, and what was typed stays', async ({ page, gate }) => {
  gate.expects(/status of 412/);
  const service = await opened(page);
  await description(page).fill('Mine.');
  let save = () => {};
  const held = new Promise<void>((resolve) => (save = resolve));
  await page.route('**/api/ui/save-settings', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(page.getByText('It is archived')).toBeVisible();
  await change(page, service, 'Theirs.');
  save();
  await expect(page.getByRole('button', { name: 'Archive' })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('changed by somebody else');
  await expect(description(page)).toHaveValue('Mine.');
  await expect(page.getByText('On the hub: Theirs.')).toBeVisible();
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

test('a service is renamed, and its old address leads to the new one', async ({ page }) => {
  const service = await opened(page);
  const renamed = freshName('renamed');
  // The gate notes it if the page asks for the old name again.
  await page.getByLabel('Name').fill(renamed);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: renamed })).toBeVisible();
  await page.goto(`/services/${service}`);
  await expect(page).toHaveURL(`/services/${renamed}`);
});

test('a page of a service goes along when somebody else renames it', async ({ page }) => {
  const service = freshName('settings');
  await createService(page.request, service);
  await page.goto(`/services/${service}?tab=versions`);
  await live(page);
  await mark(page);
  const renamed = freshName('renamed');
  await change(page, service, 'Theirs.', renamed);
  await expect(page).toHaveURL(`/services/${renamed}?tab=versions`);
  await expect(page.getByRole('heading', { level: 1, name: renamed })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Theirs.');
  await sameDocument(page);
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

test('without a script, who saves for a state that is gone gets back what was typed, and both', async ({ newPage, gate }) => {
  gate.tolerates(/^no answer: GET .*\.js: csp$/);
  const page = await newPage({ storageState: signedIn('admin'), javaScriptEnabled: false });
  const service = freshName('settings');
  await createService(page.request, service);
  await page.goto(`/services/${service}/settings`);
  await description(page).fill('Mine,\nin two lines.');
  await change(page, service, 'Theirs.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(new RegExp(`/services/${service}/settings`));
  await expect(page.getByRole('alert').first()).toContainText('changed by somebody else');
  await expect(page.getByText('On the hub: Theirs.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Take it' })).toBeHidden();
  await expect(description(page)).toHaveValue('Mine,\nin two lines.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(`/services/${service}`);
  await expect(page.getByRole('main')).toContainText('Mine, in two lines.');
});

test('a form that was refused before the script was there is taken over with what was typed', async ({ page, gate }) => {
  const service = freshName('settings');
  await createService(page.request, service);
  // Without events, so that the page doesn't know.
  await page.route('**/api/v1/events*', (route) => route.abort());
  gate.tolerates(/ERR_FAILED/);
  await page.goto(`/services/${service}/settings`);
  await description(page).fill('Mine.');
  await change(page, service, 'Theirs.');
  // As without a script: no event tells one that the form is sent.
  await page.locator('form', { has: description(page) }).evaluate((form: HTMLFormElement) => form.submit());
  await expect(page).toHaveURL(/__err=/);
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  await expect(page.getByText('On the hub: Theirs.')).toBeVisible();
  await expect(description(page)).toHaveValue('Mine.');
  await page.getByRole('button', { name: 'Take it' }).click();
  await expect(description(page)).toHaveValue('Theirs.');
  await expect(page.getByText('On the hub:')).toHaveCount(0);
});
