import { expect, test } from '../support/gate.ts';
import { createService, freshName, manyOperations, publish, twoVersions } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

test('a contract can be browsed', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/versions/1.0.0`);
  await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main).toContainText('Reading room bookings');

  await test.step('search', async () => {
    await page.getByLabel('Search operations').fill('cancel');
    await expect(main).toContainText('/bookings/{bookingId}');
    await expect(main.getByRole('link', { name: /\/rooms\/\{roomId\}\/bookings/ })).toHaveCount(0);
    await page.getByLabel('Search operations').fill('');
    await expect(main.getByRole('link', { name: /\/rooms\/\{roomId\}\/bookings/ }).first()).toBeVisible();
  });

  await test.step('an operation has an address of its own', async () => {
    await main.getByRole('link', { name: /Book a seat/ }).first().click();
    await expect(page).toHaveURL(/operation=post/i);
    await page.reload();
    for (const text of ['reader', 'date-time', 'roomId', 'Location', '404']) await expect(main).toContainText(text);
  });
});

test('a deep link shows parameters, constraints and what is deprecated', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/versions/1.0.0?operation=${encodeURIComponent('delete /bookings/{bookingId}')}`);
  const main = page.getByRole('main');
  await expect(main).toContainText('Cancel a booking');
  await expect(main).toContainText(/deprecated/i);
  await expect(main).toContainText('uuid');
  await page.goto(`/services/${service}/versions/1.0.0?operation=${encodeURIComponent('get /rooms/{roomId}/bookings')}`);
  for (const state of ['booked', 'started', 'over']) await expect(main).toContainText(state);
});

test('the source has line numbers that can be linked to', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/versions/1.0.0/source`);
  await expect(page.locator('#L3')).toBeVisible();
  await expect(page.getByRole('main')).toContainText('title: Reading room bookings');
  const answer = await page.request.get(`/api/v1/services/${service}/versions/1.0.0/document`);
  expect(answer.status()).toBe(200);
  expect(await answer.text()).toContain('title: Reading room bookings');
});

test('any line of a long source can be reached', async ({ page }) => {
  const service = freshName('many');
  await createService(page.request, service);
  const document = manyOperations(120, 1);
  const lines = document.split('\n').length;
  expect(lines).toBeGreaterThan(1_000);
  await publish(page.request, service, document);
  await page.goto(`/services/${service}/versions/1.0.0/source?from=${lines}`);
  await expect(page.locator(`#L${lines}`)).toBeAttached();
});

test('schemas have a list and a page each', async ({ page }) => {
  const service = await twoVersions(page.request);
  await page.goto(`/services/${service}/versions/1.0.0`);
  await page.getByRole('link', { name: /^Schemas/ }).first().click();
  await page.getByRole('link', { name: /^NewBooking/ }).first().click();
  await expect(page.getByRole('main')).toContainText('note');
  await expect(page.getByRole('main')).toContainText('500');
});
