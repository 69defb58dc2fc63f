// How Chromium is started, for the tests and the soak alike.
import { existsSync } from 'node:fs';

// Debian's Chromium where Playwright's own can't be downloaded; CHROMIUM names another one.
const system = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const launchOptions = {
  ...(existsSync(system) ? { executablePath: system } : {}),
  args: [
    // Chromium's sandbox needs rights that containers don't give; the only pages that it sees here are ours.
    '--no-sandbox',
    '--disable-gpu',
    // Nothing but the page itself may use the network: the gate proves that no request leaves the machine.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
