// Who the tests sign in as, and how.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from './gate.ts';
import { people } from './people.mjs';
import { root } from './places.mjs';

export type Role = keyof typeof people;

export type Person = { email: string; password: string };

export { people };

/** Where a signed-in browser's cookies are kept between tests: `test.use({ storageState: signedIn('admin') })`. */
export const signedIn = (role: Role) => join(root, 'end2end/.auth', `${role}.json`);

/** Nobody: for tests of signing in, and for those that end a session, which must not be everybody's. */
export const nobody = { cookies: [], origins: [] };

/** Fills the form that the page shows. */
export async function fillSignIn(page: Page, { email, password }: Person) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function signIn(page: Page, person: Person) {
  await page.goto('/login');
  await fillSignIn(page, person);
  await expect(page).toHaveURL('/dashboard');
}
