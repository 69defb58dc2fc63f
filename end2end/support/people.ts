// Who the tests sign in as, and how.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect } from './gate.ts';
import { root } from './places.mjs';

export type Role = 'admin' | 'developer' | 'viewer';

export type Person = { email: string; password: string };

/** The demo's accounts (`server/src/demo.rs`). On a hub that has nobody yet the tests make the admin only. */
export const people: Record<Role, Person> = {
  admin: { email: 'admin@example.org', password: 'admin-demo-password' },
  developer: { email: 'developer@example.org', password: 'developer-demo-password' },
  viewer: { email: 'viewer@example.org', password: 'viewer-demo-password' },
};

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
