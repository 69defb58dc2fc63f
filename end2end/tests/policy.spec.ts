// What a team accepts: sent once, it judges what everybody sees, at once.
import { expect, test } from '../support/gate.ts';
import { live, mark, sameDocument, setPolicy, twoVersions } from '../support/hubs.ts';
import { signedIn } from '../support/people.ts';

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
