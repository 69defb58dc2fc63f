import { expect, test } from '../support/gate.ts';
import { baseURL } from '../support/places.mjs';
import { fillSignIn, nobody, people, signIn } from '../support/people.ts';

test.use({ storageState: nobody });

test('signing in leads to the dashboard', async ({ page }) => {
  await page.goto('/login');
  await expect(page).toHaveTitle(/Sign in/);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await fillSignIn(page, people.developer);
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
});

test('a wrong password and an unknown address get the same answer', async ({ page, gate }) => {
  gate.expects(/status of 401/); // the browser's own note about the answer
  const texts: string[] = [];
  for (const person of [{ ...people.developer, password: 'not the password' }, { email: 'nobody@example.org', password: 'not the password' }]) {
    await page.goto('/login');
    await fillSignIn(page, person);
    const alert = page.getByRole('alert');
    await expect(alert).toBeVisible();
    await expect(page).toHaveURL(/\/login/);
    texts.push((await alert.innerText()).replace(/trace [0-9a-f]{32}/, 'trace …'));
  }
  expect(texts[0]).toBe(texts[1]);
  await fillSignIn(page, people.developer);
  await expect(page, 'the right one works on the same page').toHaveURL('/dashboard');
});

test('who comes without a session is brought back to the page they wanted', async ({ page }) => {
  await page.goto('/services?from=mail');
  await expect(page).toHaveURL(/\/login\?next=/);
  await fillSignIn(page, people.developer);
  await expect(page).toHaveURL('/services?from=mail');
  await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible();
});

for (const elsewhere of ['https://elsewhere.example/', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)', '/%0d%0a//elsewhere.example']) {
  test(`signing in doesn't lead to ${elsewhere}`, async ({ page }) => {
    await page.goto(`/login?next=${encodeURIComponent(elsewhere)}`);
    await fillSignIn(page, people.developer);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
    expect(new URL(page.url()).origin).toBe(baseURL);
  });
}

test('signing out ends the session', async ({ page }) => {
  await signIn(page, people.developer);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto('/dashboard');
  await expect(page).toHaveURL(/\/login\?next=/);
  const left = await page.context().cookies();
  expect(left.map(({ name }) => name), 'what opens nothing stays').toEqual(['__Host-handshake-device']);
});

test('no script can reach a token', async ({ page }) => {
  await signIn(page, people.developer);
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-handshake-access', '__Host-handshake-device', '__Host-handshake-refresh']);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
  }
  expect(await page.evaluate(() => document.cookie)).toBe('');
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
});

test('what a role may not do is not offered, and is refused', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/services/new');
  await expect(page.getByRole('main'), 'why not, and what then').toContainText('the role maintainer; yours is viewer');
  await expect(page.getByRole('button', { name: 'Create service' })).toHaveCount(0);
  const answer = await page.request.post('/api/v1/services', {
    headers: { Origin: baseURL },
    data: { name: 'a-viewers-service', description: '' },
  });
  expect(answer.status()).toBe(403);
  expect(await answer.json()).toMatchObject({ success: false, data: null, error: { code: 'forbidden' } });
});
