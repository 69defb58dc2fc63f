// The README's pictures, from a hub with demo data: docs/images/verdict-light.png and verdict-dark.png.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { launchOptions } from './support/browser.mjs';
import { Hub, freePort } from './support/hub.mjs';
import { root } from './support/places.mjs';

const folder = join(root, 'docs/images');
mkdirSync(folder, { recursive: true });
const hub = new Hub({ port: await freePort(), demo: true });
await hub.start();
const browser = await chromium.launch(launchOptions);
try {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const context = await browser.newContext({ baseURL: hub.url, colorScheme, viewport: { width: 1200, height: 760 } });
    const signedIn = await context.request.post('/api/v1/sessions', {
      data: { email: 'viewer@example.org', password: 'viewer-demo-password' },
    });
    if (!signedIn.ok()) throw new Error(`signing in: ${signedIn.status()} ${await signedIn.text()}`);
    const page = await context.newPage();
    await page.goto('/services/orders/compare?base=1.2.0&revision=2.0.0');
    await page.getByText('Live', { exact: true }).waitFor();
    // With one proof open.
    await page.locator('main details summary').nth(1).click();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(folder, `verdict-${colorScheme}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  await hub.stop();
}
