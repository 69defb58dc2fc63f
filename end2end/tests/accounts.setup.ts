// Signs each role in once; the other tests start with the cookies.
import { expect, test } from '../support/gate.ts';
import { fillSignIn, people, signedIn, type Role } from '../support/people.ts';

for (const role of ['admin', 'developer', 'viewer'] satisfies Role[]) {
  test(`${role} signs in`, async ({ page }) => {
    await page.goto('/login');
    await fillSignIn(page, people[role]);
    await expect(page, 'this hub has other accounts than the demo: test another one').toHaveURL('/dashboard');
    await page.context().storageState({ path: signedIn(role) });
  });
}
