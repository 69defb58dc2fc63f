// Signs each role in once; the other tests start with the cookies. A hub without anybody gets its admin here.
import { expect, test } from '../support/gate.ts';
import { people, signedIn, type Role } from '../support/people.ts';

for (const role of ['admin', 'developer', 'viewer'] satisfies Role[]) {
  test(`${role} signs in`, async ({ page }) => {
    await page.goto('/login');
    const empty = new URL(page.url()).pathname === '/setup';
    if (empty) await page.getByLabel('Name', { exact: true }).fill('Ada Admin');
    const { email, password } = empty ? people.admin : people[role];
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: empty ? 'Create admin' : 'Sign in' }).click();
    await expect(page, 'this hub has other accounts than the demo: test another one').toHaveURL('/dashboard');
    await page.context().storageState({ path: signedIn(role) });
  });
}
