// Starts the hub that most tests share, on a fresh folder with demo data, and keeps what it writes in
// logs/server.log, where the gates look for panics. Playwright's `webServer` runs it.
//
// With HANDSHAKE_WAIT it starts nothing: `cargo leptos end-to-end` has started a server of its own without waiting
// for it, and Playwright, which finds this program still running, waits until that one answers.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Hub } from './hub.mjs';
import { baseURL, log } from './places.mjs';

rmSync(log, { force: true });
if (process.env.HANDSHAKE_WAIT) {
  setInterval(() => {}, 60_000);
} else {
  mkdirSync(dirname(log), { recursive: true });
  // The accounts that tests share sign in once, so their tokens have to last for the slowest run. Tests of what expires
  // take the cookie away.
  const settings = { 'access-token-seconds': '86400' };
  const hub = new Hub({ port: Number(new URL(baseURL).port || 80), demo: true, log, settings });
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => hub.dispose().catch(fail));
  await hub.start().catch(fail);
  await hub.ended();
}

/** @param {unknown} error */
function fail(error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
