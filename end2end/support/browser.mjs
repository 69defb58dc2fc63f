// How Chromium is started, for the tests and the soak alike.
import { spawnSync } from 'node:child_process';

/** A program can be there and lack a library: what can't say its version doesn't run. @param {string | undefined} path */
const runs = (path) => !!path && spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;

// The system's Chromium, since Playwright's own can't be downloaded everywhere; CHROMIUM names another one
// (scripts/env.sh sets it to the one on PATH). Without either, Playwright takes its own.
const system = [process.env.CHROMIUM, '/usr/bin/chromium'].find(runs);

export const launchOptions = {
  ...(system ? { executablePath: system } : {}),
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
