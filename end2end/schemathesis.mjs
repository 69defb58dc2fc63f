// The hub against its own contract: Schemathesis makes requests out of the contract, good ones and bad ones, and checks
// each answer against it. Once as an admin in a browser would be signed in, once with the admin's API token.
//
// SCHEMATHESIS_SECONDS is the time for each of the two; more arguments go to `schemathesis run`.
import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Hub, freePort } from './support/hub.mjs';
import { people } from './support/people.mjs';
import { bareEnvironment, program, root } from './support/places.mjs';

const seconds = Number(process.env.SCHEMATHESIS_SECONDS ?? 75);
const home = process.env.SCHEMATHESIS_HOME;
if (!home) throw new Error('SCHEMATHESIS_HOME is not set: scripts/env.sh says where scripts/setup.sh puts it.');
const shared = readFileSync(join(root, 'end2end/schemathesis/schemathesis.toml'), 'utf8');

/** How to sign in, as a table of schemathesis.toml. @type {Record<string, (hub: Hub) => Promise<string>>} */
const ways = {
  // One that is signed out by a request that was made signs in again.
  session: async () => `
[auth.dynamic.openapi.session]
path = "/api/v1/sessions"
payload = { email = "${people.admin.email}", password = "${people.admin.password}" }
extract_from = "cookie"
extract_selector = "__Host-handshake-access"
`,
  token: async (hub) => {
    const make = ['token', 'create', '--email', people.admin.email, '--name', 'schemathesis'];
    const data = ['--data-dir', join(hub.folder, 'data')];
    const { stdout } = await promisify(execFile)(program(), [...make, ...data], { env: bareEnvironment() });
    return `
[auth.openapi.token]
bearer = "${stdout.trim()}"
`;
  },
};

/** Whose passwords may be reset: not the admin's, who has to sign in again. @param {Hub} hub */
async function resets(hub) {
  const body = JSON.stringify(people.viewer);
  const answer = await fetch(`${hub.url}/api/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { data } = await answer.json();
  return `
[[operations]]
include-operation-id = "reset_password"
parameters = { "path.user" = "${data.id}" }
`;
}

/** Runs it against a fresh hub. @param {string} name @param {(hub: Hub) => Promise<string>} way */
async function holds(name, way) {
  const hub = new Hub({ port: await freePort(), demo: true });
  await hub.start();
  try {
    console.log(`==> With a ${name}`);
    const config = join(hub.folder, 'schemathesis.toml');
    writeFileSync(config, shared + (await resets(hub)) + (await way(hub)));
    const options = ['--config-file', config, 'run', `${hub.url}/api/v1/openapi.json`, '--max-time', String(seconds)];
    const schemathesis = join(String(home), 'bin/schemathesis');
    const run = spawn(schemathesis, [...options, ...process.argv.slice(2)], { cwd: hub.folder, env: bareEnvironment(), stdio: 'inherit' });
    return (await new Promise((resolve, reject) => run.once('error', reject).once('close', resolve))) === 0;
  } finally {
    await hub.dispose();
  }
}

let failed = false;
for (const [name, way] of Object.entries(ways)) failed = !(await holds(name, way)) || failed;
process.exitCode = failed ? 1 : 0;
