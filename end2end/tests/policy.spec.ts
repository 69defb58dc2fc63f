// What a team accepts: sent once, it judges what everybody sees, at once.
import type { Page } from '@playwright/test';
import { expect, test } from '../support/gate.ts';
import { createService, freshName, live, mark, sameDocument, setPolicy, twoVersions } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';
import { baseURL } from '../support/places.mjs';

test.use({ storageState: signedIn('admin') });

const policy = `[rules]
property-undescribed = "off"
operation-added = "risky"

[[ignore]]
rule = "request-property-became-required"
reason = "Every client has sent it since spring."
`;

test('a policy is shown, and judges the open page without a reload', async ({ page }) => {
  const service = await twoVersions(page.request);
  const main = page.getByRole('main');

  await test.step('a service without one', async () => {
    await page.goto(`/services/${service}`);
    await main.getByRole('link', { name: 'Policy', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: `${service}: policy` })).toBeVisible();
    await expect(page.locator('.empty-title')).toHaveText('No policy');
  });

  await test.step('it arrives while the comparison is open', async () => {
    await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
    await expect(main).toContainText('request-property-became-required');
    await expect(main.getByRole('link', { name: /^Ignored/ })).toHaveCount(0);
    await live(page);
    await mark(page);
    await setPolicy(page.request, service, policy);
    await expect(main.getByRole('link', { name: /^Ignored \d+$/ })).toBeVisible();
    await expect(main.locator('.findings')).not.toContainText('request-property-became-required');
    await expect(main.locator('.findings')).toContainText('safe to the engine');
    await sameDocument(page);
  });

  await test.step('what it ignores is kept, with the reason', async () => {
    await main.getByRole('link', { name: /^Ignored \d+$/ }).click();
    await expect(page).toHaveURL(/level=ignored/);
    await expect(main.locator('.findings')).toContainText('request-property-became-required');
    await expect(main.locator('.findings')).toContainText('Ignored: Every client has sent it since spring.');
    await page.reload();
    await expect(main.locator('.findings')).toContainText('Every client has sent it since spring.');
  });

  await test.step('the policy itself', async () => {
    await main.getByRole('link', { name: 'policy', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: `${service}: policy` })).toBeVisible();
    await expect(main.locator('#L6')).toContainText('request-property-became-required');
    await expect(main).toContainText('sent by');
  });

  await test.step('lint', async () => {
    await page.goto(`/services/${service}/versions/1.0.0/lint`);
    await main.getByRole('link', { name: /^\d+ ignored$/ }).click();
    await expect(page).toHaveURL(/ignored=true/);
    await expect(main.locator('.findings')).toContainText('property-undescribed');
    await expect(main.locator('.findings')).toContainText('Ignored: the rule is off');
    await main.getByRole('link', { name: 'Findings of all rules' }).click();
    await expect(main.locator('.findings')).not.toContainText('property-undescribed');
  });

  await test.step('the feed tells', async () => {
    await page.goto('/dashboard');
    await expect(main.getByRole('listitem').filter({ hasText: `${service}: policy changed` }).first()).toBeVisible();
  });
});

test('an ignore that has ended is said where it stands', async ({ page }) => {
  const service = await twoVersions(page.request);
  await setPolicy(page.request, service, `${policy}expires = 2026-01-31\n`);
  await page.goto(`/services/${service}/policy`);
  const note = page.getByRole('list', { name: 'What has ended' }).getByRole('listitem');
  await expect(note).toContainText('Line 5: this ignore ended on 2026-01-31');
  await note.getByRole('link').click();
  await expect(page.locator('#L5')).toBeInViewport();
  await page.goto(`/services/${service}/compare?base=1.0.0&revision=2.0.0`);
  await expect(page.locator('.findings')).toContainText('request-property-became-required');
});

test.describe('edited in the hub', () => {
  const field = (page: Page) => page.getByRole('textbox', { name: 'handshake.toml' });
  const save = (page: Page) => page.getByRole('button', { name: 'Save the policy' }).click();
  const lines = (page: Page) => page.getByRole('group', { name: 'Lines of the policy' });

  /** The policy page of a new service, with a policy or without one. */
  async function opened(page: Page, text?: string) {
    const service = freshName('policy');
    await createService(page.request, service);
    if (text !== undefined) await setPolicy(page.request, service, text);
    await page.goto(`/services/${service}/policy`);
    return service;
  }

  test('a first policy, a mistake, and another one', async ({ page, gate }) => {
    gate.expects(/status of 422/);
    await opened(page);
    await field(page).fill('[rules]\noperation-added = "risky"\n');
    await save(page);
    await expect(lines(page).locator('#L2')).toContainText('operation-added = "risky"');
    await expect(page.getByText('Saved.')).toBeVisible();
    await field(page).fill('[rules]\noperation-added = "terrible"\n');
    await save(page);
    await expect(page.getByRole('alert').filter({ hasText: 'Line 2:' })).toBeVisible();
    await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
    await expect(field(page)).toHaveValue('[rules]\noperation-added = "terrible"\n');
    await expect(lines(page)).toContainText('"risky"');
    await field(page).fill('\n[rules]\noperation-added = "breaking"\n');
    await save(page);
    await expect(lines(page).locator('#L3')).toContainText('"breaking"');
    await page.reload();
    await expect(field(page)).toHaveValue('\n[rules]\noperation-added = "breaking"\n');
  });

  test('a policy shows at once, is taken back when it is refused, and merged', async ({ page, gate }) => {
    gate.expects(/status of 412/);
    const service = await opened(page, '# ours\n[rules]\n');
    await live(page);
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/ui/set-policy', async (route) => {
      await held;
      await route.continue();
    });
    await field(page).fill('# mine\n[rules]\n');
    await save(page);
    await expect(lines(page)).toContainText('# mine');
    await setPolicy(page.request, service, '# theirs\n[rules]\n');
    answer();
    await expect(page.getByRole('alert')).toContainText('changed by somebody else');
    await expect(lines(page)).toContainText('# theirs');
    await expect(lines(page)).not.toContainText('# mine');
    await expect(field(page)).toHaveValue('# mine\n[rules]\n');
    await expect(page.getByRole('group', { name: 'On the hub' })).toHaveText('# theirs\n[rules]\n');
    await save(page);
    await expect(lines(page)).toContainText('# mine');
    await expect(page.getByText('On the hub:')).toHaveCount(0);
    const policy = await page.request.get(`${baseURL}/api/v1/services/${service}/policy`);
    expect((await policy.json()).data.text).toBe('# mine\n[rules]\n');
  });

  test('who may not is told who can', async ({ page, newPage }) => {
    const service = await opened(page, '# ours\n[rules]\n');
    const viewer = await newPage({ storageState: signedIn('viewer') });
    await viewer.goto(`/services/${service}/policy`);
    await expect(viewer.getByText('needs the role developer; yours is viewer')).toBeVisible();
    await expect(field(viewer)).toBeHidden();
    await expect(lines(viewer)).toContainText('# ours');
  });

  test('without a script', async ({ page, newPage, gate }) => {
    gate.tolerates(/^no answer: GET .*\.js: csp$/);
    const service = await opened(page, '# ours\n[rules]\n');
    const plain = await newPage({ storageState: signedIn('developer'), javaScriptEnabled: false });
    await plain.goto(`/services/${service}/policy`);
    await expect(field(plain)).toHaveValue('# ours\n[rules]\n');
    await field(plain).fill('# mine\n[ruels]\n');
    await save(plain);
    await expect(plain.getByRole('alert').filter({ hasText: 'Line 2:' })).toBeVisible();
    await expect(field(plain)).toHaveValue('# mine\n[ruels]\n');
    await field(plain).fill('# mine\n[rules]\n');
    await setPolicy(page.request, service, '# theirs\n[rules]\n');
    await save(plain);
    await expect(plain.getByRole('group', { name: 'On the hub' })).toContainText('# theirs');
    await expect(field(plain)).toHaveValue('# mine\n[rules]\n');
    await save(plain);
    await expect(plain).toHaveURL(`/services/${service}/policy`);
    await expect(lines(plain)).toContainText('# mine');
  });
});
