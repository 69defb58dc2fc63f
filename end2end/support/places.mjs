// Where the hub, its program and its log are. Plain JavaScript, as Node.js runs it without Playwright, too.
import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The hub that most tests share. HANDSHAKE_URL names another one; it must be fresh, or have the demo's accounts. */
export const baseURL = (process.env.HANDSHAKE_URL ?? 'http://127.0.0.1:3000').replace(/\/$/, '');

/** What the hub under test wrote, if these tests started it. */
export const log = join(root, 'end2end/logs/server.log');

/** The program: HANDSHAKE_BIN, else the newer one of the release and the debug build. */
export function program() {
  if (process.env.HANDSHAKE_BIN) return resolve(process.env.HANDSHAKE_BIN);
  const given = process.env.CARGO_TARGET_DIR ?? 'target';
  const target = isAbsolute(given) ? given : join(root, given);
  const built = ['release', 'debug'].map((profile) => join(target, profile, 'handshake')).filter((path) => existsSync(path));
  built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!built[0]) throw new Error(`There is no handshake in ${target}: run make build first.`);
  return built[0];
}

/** The environment without anything that would configure a hub, so that each one has exactly its flags. */
export function bareEnvironment() {
  const configures = /^(HANDSHAKE_|LEPTOS_|OTEL_|DATABASE_URL$|RUST_LOG$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configures.test(name)));
}
