import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, fixture, freshName, publish, read } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

test.use({ storageState: signedIn('admin') });

async function offer(page: Page, path: string) {
  const service = freshName('bad');
  await createService(page.request, service);
  await page.goto(`/publish?service=${service}`);
  await page.getByLabel('File').setInputFiles(path);
  await page.getByRole('button', { name: 'Publish' }).click();
  return service;
}

for (const { name, file, says } of [
  { name: 'what is no contract', file: 'not-a-contract.txt', says: /line \d+/i },
  { name: 'a bomb of aliases', file: 'alias-bomb.yaml', says: /alias|too (large|many|big)|limit/i },
  { name: 'a reference to another host', file: 'external-reference.yaml', says: /schemas\.example\.org|\$ref|reference/i },
  { name: 'a reference to another file', file: 'local-file-reference.yaml', says: /thing\.yaml|\$ref|reference/i },
  { name: 'an older Swagger', file: 'swagger-1.2.json', says: /Swagger 1\.2/ },
  { name: 'two operations of one id', file: 'duplicate-operation-ids.yaml', says: /listAnimals/ },
]) {
  test(`${name} is refused, with the reason and the place`, async ({ page, gate }) => {
    gate.expects(/status of 422/);
    const service = await offer(page, fixture(file));
    await expect(page.getByRole('alert').filter({ hasText: says }).first()).toBeVisible();
    await expect(page, 'one can fix it right here').toHaveURL(/\/publish/);
    await expect(page.getByLabel('Service')).toHaveValue(service);
    expect((await page.request.get(`/api/v1/services/${service}/versions`)).ok()).toBe(true);
    const versions = await (await page.request.get(`/api/v1/services/${service}/versions`)).json();
    expect(versions.data.items, 'nothing of it was kept').toEqual([]);
  });
}

test('OpenAPI 2.0 is fine', async ({ page }) => {
  const service = await offer(page, fixture('swagger-2.0.json'));
  await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();
});

test('a schema that contains itself is fine', async ({ page }) => {
  const service = await offer(page, fixture('cycle.yaml'));
  await expect(page.getByRole('heading', { level: 1, name: `${service} 1.0.0` })).toBeVisible();
  await page.goto(`/services/${service}/versions/1.0.0?operation=${encodeURIComponent('get /folders/{id}')}`);
  await expect(page.getByRole('main')).toContainText('entries');
});

test('a label that another document has is refused, with advice', async ({ page, gate }) => {
  gate.expects(/status of 409/);
  const service = freshName('taken');
  await createService(page.request, service);
  await publish(page.request, service, read('bookings-1.0.0.yaml'));
  await page.goto(`/publish?service=${service}`);
  const changed = read('bookings-1.0.0.yaml').replace('List the rooms', 'List all rooms');
  await page.getByLabel('Document').fill(changed);
  await page.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '1.0.0' }).first()).toBeVisible();
  await expect(page.getByLabel('Document'), 'what was pasted is not lost').toHaveValue(changed);
});

test('a file of more than 50 MB is refused in words', async ({ page, gate }) => {
  gate.tolerates(/status of 413|ERR_CONNECTION_RESET|ERR_CONNECTION_ABORTED/);
  const folder = mkdtempSync(join(tmpdir(), 'handshake-big-'));
  const path = join(folder, 'big.yaml');
  writeFileSync(path, `${read('bookings-1.0.0.yaml')}\nx-padding: "${'x'.repeat(60_000_000)}"\n`);
  try {
    await offer(page, path);
    await expect(page.getByRole('alert').filter({ hasText: /large|MB|MiB|bytes/i }).first()).toBeVisible({ timeout: 30_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
