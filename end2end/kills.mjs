// Kills: a hub that is killed in the middle of its work, again and again, loses no version that it has confirmed and
// makes none twice.
//
// Writers publish all the time; at some moment the hub gets SIGKILL and is started again over its data. Then each version
// that was confirmed must be there once, with one event, and what was under way is sent again under its key. KILLS says
// how often (20). On SQLite; beside `scripts/postgres.sh`, on PostgreSQL.
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub, freePort } from './support/hub.mjs';

const kills = Number(process.env.KILLS ?? 20);
const writers = 4;
const service = 'kills';
const database = process.env.HANDSHAKE_TEST_DATABASE_URL;
const person = { email: 'admin@example.org', password: 'admin-demo-password' };

const hub = new Hub({
  port: await freePort(),
  demo: true,
  // One session for the whole run.
  settings: { log: 'warn', 'publish-own-contract': 'false', 'access-token-seconds': '86400', ...(database ? { 'database-url': database } : {}) },
});
await hub.start();

const signedIn = await fetch(`${hub.url}/api/v1/sessions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(person),
});
if (!signedIn.ok) throw new Error(`signing in: ${signedIn.status} ${await signedIn.text()}`);
const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
const headers = { cookie, 'sec-fetch-site': 'same-origin' };

const made = await fetch(`${hub.url}/api/v1/services`, {
  method: 'POST',
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify({ name: service, description: '' }),
});
if (made.status !== 201) throw new Error(`making the service: ${made.status} ${await made.text()}`);

/** @param {string} label */
const contract = (label) => `openapi: 3.1.0
info: { title: Kills, version: '${label}' }
paths:
  /a: { get: { responses: { '200': { description: '${label}' } } } }
`;

/** Publishes under a key of its own; the status, or nothing when the hub was gone. @param {string} label */
async function publish(label) {
  try {
    const answer = await fetch(`${hub.url}/api/v1/services/${service}/versions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/yaml', 'idempotency-key': label },
      body: contract(label),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

/** @type {string[]} */
const problems = [];
let confirmed = 0;
let next = 1;

/** One life of the hub: labels that were confirmed, and those that were under way. */
async function live() {
  /** @type {string[]} */
  const done = [];
  /** @type {string[]} */
  const underWay = [];
  let alive = true;
  const write = async () => {
    while (alive) {
      const label = `v${next++}`;
      const status = await publish(label);
      if (status === 201) done.push(label);
      else if (status === undefined) underWay.push(label);
      else problems.push(`${label} was answered with ${status}`);
    }
  };
  const working = Array.from({ length: writers }, write);
  await sleep(20 + Math.random() * 300);
  alive = false;
  await hub.stop('SIGKILL');
  await Promise.all(working);
  return { done, underWay };
}

/** @param {string[]} labels */
async function check(labels) {
  const events = await fetch(`${hub.url}/api/v1/events?limit=200`, { headers: { ...headers, accept: 'application/json' } });
  const { data } = await events.json();
  for (const label of labels) {
    const version = await fetch(`${hub.url}/api/v1/services/${service}/versions/${label}`, { headers });
    await version.arrayBuffer();
    if (version.status !== 200) problems.push(`${label} was confirmed and is lost (${version.status})`);
    const told = data.items.filter((/** @type {any} */ event) => event.service === service && event.label === label).length;
    if (told !== 1) problems.push(`${label} has ${told} events`);
  }
}

for (let kill = 1; kill <= kills && problems.length === 0; kill += 1) {
  const { done, underWay } = await live();
  await hub.start();
  for (const label of underWay) {
    const status = await publish(label);
    if (status !== 201) problems.push(`${label}, sent again, was answered with ${status}`);
  }
  await check([...done, ...underWay].slice(-150));
  confirmed += done.length + underWay.length;
}

const { data } = await (await fetch(`${hub.url}/api/v1/services/${service}`, { headers })).json();
if (data.versions !== confirmed) problems.push(`${confirmed} versions were confirmed, and there are ${data.versions}`);
const panics = hub.panics();
console.log(`${database ? 'PostgreSQL' : 'SQLite'}: ${kills} kills, ${confirmed} confirmed versions, ${problems.length} problems, ${panics.length} panics`);
for (const line of [...problems.slice(0, 10), ...panics.slice(0, 10)]) console.error(line);
await hub.dispose().catch((error) => problems.push(String(error)));
process.exitCode = problems.length === 0 && panics.length === 0 && confirmed > 0 ? 0 : 1;
