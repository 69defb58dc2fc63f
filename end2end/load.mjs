// What a request costs: the server's own processor time for each kind, on a release build and a contract of 1,223
// operations. `docs/PERFORMANCE.md` has the figures and what is wanted.
//
// Processor time and not latency, since machines are shared; and ratios within one run, since machines differ. REQUESTS
// and STREAMS change the numbers.
import { execFileSync } from 'node:child_process';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub, freePort } from './support/hub.mjs';
import { bareEnvironment, program } from './support/places.mjs';

const requests = Number(process.env.REQUESTS ?? 400);
const streams = Number(process.env.STREAMS ?? 1000);
const OPERATIONS = 1223;
/** Streams that one person may have open at once. */
const EACH = 50;

/** @param {string} version @param {(n: number) => string} type */
function contract(version, type) {
  let text = `openapi: 3.1.0\ninfo: { title: Large, version: '${version}' }\ntags: [${[...Array(40).keys()].map((n) => `{ name: tag${n} }`)}]\npaths:\n`;
  for (let n = 0; n < OPERATIONS; n += 1) {
    text += `  /resources${n}/{id}:\n    get:\n      operationId: read${n}\n      summary: Reads resource ${n}\n      tags: [tag${n % 40}]\n`;
    text += `      parameters:\n        - { name: id, in: path, required: true, schema: { type: string } }\n`;
    text += `      responses:\n        '200':\n          description: Fine\n          content:\n            application/json:\n`;
    text += `              schema: { $ref: '#/components/schemas/Resource${n % 200}' }\n`;
  }
  text += 'components:\n  schemas:\n';
  for (let n = 0; n < 200; n += 1) {
    text += `    Resource${n}:\n      type: object\n      required: [id]\n      properties:\n        id: { type: string }\n`;
    for (let p = 0; p < 8; p += 1) text += `        field${p}: { type: ${type(n + p)}, description: field ${p} }\n`;
  }
  return text;
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** @param {string} url @param {Record<string, string>} headers
 *  @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, size: number }>} */
function fetchOnce(url, headers) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (answer) => {
      let size = 0;
      answer.on('data', (chunk) => (size += chunk.length));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, size }));
    });
    request.on('error', reject);
  });
}

/** Milliseconds of the server's processor time for one such request, over four connections. @param {Hub} hub
 *  @param {string} path @param {Record<string, string>} headers @param {number} status */
async function cost(hub, path, headers, status = 200) {
  const ask = async () => {
    const answer = await fetchOnce(hub.url + path, headers);
    if (answer.status !== status) throw new Error(`${path}: ${answer.status}, not ${status}`);
  };
  const lane = async (/** @type {number} */ n) => {
    for (let i = 0; i < n; i += 1) await ask();
  };
  await Promise.all([...Array(4)].map(() => lane(10)));
  const before = hub.processorTime();
  await Promise.all([...Array(4)].map(() => lane(requests / 4)));
  return (hub.processorTime() - before) / requests;
}

/** @param {Hub} hub @param {Record<string, string>} headers @param {string} service @param {string} document */
async function publish(hub, headers, service, document) {
  const answer = await fetch(`${hub.url}/api/v1/services/${service}/versions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/yaml' },
    body: document,
  });
  if (answer.status !== 201) throw new Error(`publishing: ${answer.status} ${await answer.text()}`);
}

/** @param {Hub} hub @param {string} email @param {string} password */
async function session(hub, email, password) {
  const answer = await fetch(`${hub.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (answer.status !== 201) throw new Error(`${email} can't sign in: ${answer.status}`);
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  return { cookie, 'sec-fetch-site': 'same-origin' };
}

/** Sessions of so many people of their own. @param {Hub} hub @param {number} count */
async function people(hub, count) {
  const sessions = [];
  for (let n = 0; n < count; n += 1) {
    const [email, password] = [`reader${n}@example.org`, 'a few words are good'];
    const words = ['user', 'create', '--email', email, '--name', `Reader ${n}`, '--role', 'viewer', '--data-dir', join(hub.folder, 'data')];
    execFileSync(program(), words, { input: password, env: bareEnvironment() });
    sessions.push(await session(hub, email, password));
  }
  return sessions;
}

/** Milliseconds of the server's processor time for one version that is published while streams follow: with them, and
 *  what each event costs beyond the same without. @param {Hub} hub @param {Record<string, string>} headers */
async function events(hub, headers) {
  const small = (/** @type {string} */ version) => `openapi: 3.1.0\ninfo: { title: Small, version: '${version}' }\npaths: {}\n`;
  const round = async (/** @type {string} */ name, /** @type {() => Promise<void>} */ heard) => {
    const before = hub.processorTime();
    for (let n = 0; n < 20; n += 1) {
      await publish(hub, headers, 'small', small(`${name}.${n}`));
      await heard();
    }
    return (hub.processorTime() - before) / 20;
  };
  const alone = await round('1', () => Promise.resolve());
  let told = 0;
  const readers = await people(hub, Math.ceil(streams / EACH));
  const open = [...Array(streams).keys()].map(
    (n) =>
      new Promise((resolve, reject) => {
        const request = get(`${hub.url}/api/v1/events`, { agent: false, headers: { ...readers[n % readers.length], accept: 'text/event-stream' } }, (answer) => {
          if (answer.statusCode !== 200) reject(new Error(`a stream: ${answer.statusCode}`));
          answer.on('data', (chunk) => {
            told += (chunk.toString().match(/version-published/g) ?? []).length;
          });
          answer.on('error', () => {});
          resolve(request);
        });
        request.on('error', reject);
      }),
  );
  const clients = await Promise.all(open);
  await sleep(500);
  let wanted = told;
  const followed = await round('2', async () => {
    wanted += streams;
    while (told < wanted) await sleep(2);
  });
  for (const client of clients) /** @type {import('node:http').ClientRequest} */ (client).destroy();
  return { alone, followed };
}

const hub = new Hub({ port: await freePort(), demo: true, settings: { 'max-streams': String(streams + 10), 'max-connections': String(streams * 2 + 100) } });
await hub.start();
try {
  const headers = await session(hub, 'admin@example.org', 'admin-demo-password');
  for (const name of ['large', 'small']) {
    await fetch(`${hub.url}/api/v1/services`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ name, description: '' }),
    });
  }
  await publish(hub, headers, 'large', contract('1', (n) => ['string', 'integer', 'boolean'][n % 3] ?? 'string'));
  await publish(hub, headers, 'large', contract('2', (n) => ['string', 'integer', 'number'][n % 3] ?? 'string'));
  const page = { ...headers, accept: 'text/html' };
  const json = { ...headers, accept: 'application/json' };
  const row = (/** @type {string} */ name, /** @type {number} */ ms) => console.log(`${name.padEnd(56)} ${ms.toFixed(2).padStart(8)} ms`);

  row('page: dashboard', await cost(hub, '/dashboard', page));
  row('page: version', await cost(hub, '/services/large/versions/2', page));
  row('page: version, an operation open', await cost(hub, `/services/large/versions/2?operation=${encodeURIComponent('GET /resources7/{id}')}`, page));
  row('page: comparison', await cost(hub, '/services/large/compare?base=1&revision=2', page));
  for (const path of ['/services', '/services/large/versions/2/operations', '/services/large/comparisons/1/2/findings?limit=200']) {
    const address = `/api/v1${path}`;
    const { headers: answered } = await fetchOnce(hub.url + address, json);
    const whole = await cost(hub, address, json);
    const unchanged = await cost(hub, address, { ...json, 'if-none-match': String(answered.etag) }, 304);
    row(`REST 200: ${path}`, whole);
    row(`REST 304: ${path}`, unchanged);
    console.log(`${''.padEnd(56)} ${(unchanged / whole).toFixed(2).padStart(8)} of the 200`);
  }
  const { alone, followed } = await events(hub, headers);
  row('publishing a small contract', alone);
  row(`the same, told to ${streams} streams`, followed);
  row(`an event to ${streams} streams`, followed - alone);
  console.log(`memory ${hub.memory()} MB`);
} finally {
  await hub.dispose();
}
