// What tests do with a hub besides looking at its pages.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIRequestContext, Page } from '@playwright/test';
import { expect } from './gate.ts';
import { baseURL, root } from './places.mjs';

/** Path of a document in `fixtures/`. */
export const fixture = (name: string) => join(root, 'end2end/fixtures', name);

/** Text of a document in `fixtures/`. */
export const read = (name: string) => readFileSync(fixture(name), 'utf8');

/** A service's name that no other test and no earlier run has. */
export const freshName = (prefix: string) => `${prefix}-${randomBytes(4).toString('hex')}`;

/** What REST needs besides the session's cookies: a write must come from one of the hub's own pages. */
const fromOwnPage = (origin: string) => ({ Origin: origin, 'Sec-Fetch-Site': 'same-origin' });

/** Creates a service over REST with the context's session. */
export async function createService(request: APIRequestContext, name: string, origin = baseURL) {
  const answer = await request.post(`${origin}/api/v1/services`, {
    headers: fromOwnPage(origin),
    data: { name, description: 'Made by a test.' },
  });
  expect(answer.status(), await answer.text()).toBe(201);
}

/** Publishes over REST with the context's session. */
export async function publish(request: APIRequestContext, service: string, document: string, origin = baseURL) {
  const answer = await request.post(`${origin}/api/v1/services/${service}/versions`, {
    headers: { ...fromOwnPage(origin), 'Content-Type': 'application/yaml' },
    data: document,
  });
  expect([200, 201], await answer.text()).toContain(answer.status());
}

/** Sets a service's policy over REST with the context's session. */
export async function setPolicy(request: APIRequestContext, service: string, policy: string) {
  const answer = await request.put(`${baseURL}/api/v1/services/${service}/policy`, {
    headers: { ...fromOwnPage(baseURL), 'Content-Type': 'application/toml' },
    data: policy,
  });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** A service with the two versions of the bookings contract. */
export async function twoVersions(request: APIRequestContext) {
  const service = freshName('bookings');
  await createService(request, service);
  await publish(request, service, read('bookings-1.0.0.yaml'));
  await publish(request, service, read('bookings-2.0.0.yaml'));
  return service;
}

/** Two versions of a contract of many operations; each operation of the second one differs in a breaking way. */
export function manyOperations(count: number, version: 1 | 2) {
  const type = version === 1 ? 'integer' : 'string';
  const paths = Array.from({ length: count }, (_, i) => ({
    [`/things${i}`]: {
      get: {
        operationId: `readThings${i}`,
        tags: [i % 2 ? 'odd' : 'even'],
        parameters: [{ name: 'size', in: 'query', schema: { type } }],
        responses: { '200': { description: 'Things.' } },
      },
    },
  }));
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Many things', version: `${version}.0.0` },
    paths: Object.assign({}, ...paths),
  }, null, 1);
}

/** Waits until the page has its live stream and says so; before that an event could not change it. */
export async function live(page: Page) {
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'live');
}

/** Leaves a mark in the page's memory; `sameDocument` proves later that it was never reloaded. */
export const mark = (page: Page) => page.evaluate(() => void Object.assign(window, { marked: true }));
export const sameDocument = async (page: Page) => expect(await page.evaluate(() => 'marked' in window)).toBe(true);
