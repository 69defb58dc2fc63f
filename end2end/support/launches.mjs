// Starts the browser as the tests do and says which one it was; fails if it doesn't start. The set-up asks this.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const browser = await chromium.launch({ ...launchOptions, timeout: 60_000 });
console.log(`${launchOptions.executablePath ?? "Playwright's own"}, version ${browser.version()}`);
await browser.close();
