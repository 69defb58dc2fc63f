import { defineConfig, devices } from '@playwright/test';
import { launchOptions } from './support/browser.mjs';
import { baseURL } from './support/places.mjs';

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  // A test that passes the second time is a defect that hides: there is no second time.
  retries: 0,
  forbidOnly: true,
  workers: 2,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  globalSetup: './support/accounts.ts',
  globalTeardown: './support/teardown.ts',
  use: {
    baseURL,
    trace: 'retain-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions,
  },
  projects: [
    { name: 'accounts', testMatch: /accounts\.setup\.ts/ },
    { name: 'chromium', use: { ...devices['Desktop Chrome'], launchOptions }, dependencies: ['accounts'] },
  ],
  webServer: {
    command: 'node support/serve.mjs',
    url: `${baseURL}/readyz`,
    reuseExistingServer: true,
    timeout: 60_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
});
