import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';
import { baseURL } from './support/places.mjs';

// Debian's Chromium where Playwright's own can't be downloaded; CHROMIUM names another one.
const system = process.env.CHROMIUM ?? '/usr/bin/chromium';
const launchOptions = {
  ...(existsSync(system) ? { executablePath: system } : {}),
  args: [
    // Chromium's sandbox needs rights that containers don't give; the only pages that it sees here are ours.
    '--no-sandbox',
    '--disable-gpu',
    // Nothing but the page itself may use the network: a test proves that no request leaves the machine.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

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
