// The soak: a hundred page loads at a time for a minute, half of which hang up somewhere in the middle, while others
// publish and follow the live stream.
//
// A client that leaves drops the page that the server is rendering for it, and that is where Leptos' "already
// disposed" panics come from. So the server must not panic once, every load that isn't hung up on must be whole, and
// afterwards the server must be as well as before. SOAK_SECONDS and SOAK_CLIENTS change the time and the number. In a soak
// of five minutes or more the server's memory must also stay flat once it is warm.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub, freePort } from './support/hub.mjs';

const seconds = Number(process.env.SOAK_SECONDS ?? 60);
const clients = Number(process.env.SOAK_CLIENTS ?? 100);
const person = { email: 'admin@example.org', password: 'admin-demo-password' };

/** A session's cookies, and the pages that the demo has. @param {string} url */
async function session(url) {
  const signedIn = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(person),
  });
  if (!signedIn.ok) throw new Error(`signing in: ${signedIn.status} ${await signedIn.text()}`);
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const { data } = await (await fetch(`${url}/api/v1/services`, { headers: { cookie } })).json();
  const paths = ['/dashboard', '/services', '/publish', '/docs/api', '/practices'];
  for (const { name, latest } of data.items) {
    paths.push(`/services/${name}`);
    if (latest) paths.push(`/services/${name}/versions/${latest.label}`, `/services/${name}/versions/${latest.label}/source`);
    if (latest?.publishedVerdict) paths.push(`/services/${name}/compare?base=${latest.publishedVerdict.base}&revision=${latest.label}`);
  }
  return { cookie, paths };
}

/** Loads a page, or begins to: `leave` says after how many bytes or milliseconds to hang up.
 *  @param {string} url @param {string} cookie @param {{ bytes?: number, milliseconds?: number }} leave
 *  @returns {Promise<{ whole: boolean, hungUp: boolean, problem?: string }>} */
function load(url, cookie, leave) {
  return new Promise((resolve) => {
    let size = 0;
    let hungUp = false;
    // Leptos writes its scripts behind the markup, so the end of the markup is looked for in all of the page.
    let tail = '';
    let closed = false;
    const hangUp = () => {
      hungUp = true;
      request.destroy();
      resolve({ whole: false, hungUp });
    };
    // A connection of its own, so that hanging up is hanging up.
    const request = get(url, { agent: false, headers: { cookie, accept: 'text/html' }, timeout: 60_000 }, (answer) => {
      answer.on('data', (chunk) => {
        size += chunk.length;
        tail = tail.slice(-16) + chunk.toString('latin1');
        closed ||= tail.includes('</html>');
        if (leave.bytes && size >= leave.bytes) hangUp();
      });
      answer.on('end', () => {
        const whole = answer.statusCode === 200 && closed && answer.complete;
        resolve({ whole, hungUp, ...(whole ? {} : { problem: `${answer.statusCode}, ${size} bytes, ends with ${JSON.stringify(tail.slice(-32))}` }) });
      });
      answer.on('error', (error) => resolve({ whole: false, hungUp, problem: error.message }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in a minute')));
    request.on('error', (error) => resolve({ whole: false, hungUp, problem: error.message }));
    if (leave.milliseconds) setTimeout(() => request.closed || hangUp(), leave.milliseconds).unref();
  });
}

/** @param {number[]} sorted @param {number} share */
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(0) ?? '-';

const hub = new Hub({ port: await freePort(), demo: true, settings: { log: 'warn' } });
await hub.start();
const { cookie, paths } = await session(hub.url);
const until = Date.now() + seconds * 1000;
/** @type {number[]} */
const times = [];
/** @type {string[]} */
const problems = [];
let hangUps = 0;

async function client() {
  while (Date.now() < until) {
    const path = paths[Math.floor(Math.random() * paths.length)] ?? '/dashboard';
    // Half stay; of the others half leave while they read, half while they wait.
    const dice = Math.random();
    const leave = dice < 0.5 ? {} : dice < 0.75 ? { bytes: 1 + Math.random() * 30_000 } : { milliseconds: 1 + Math.random() * 1_000 };
    const start = performance.now();
    const { whole, hungUp, problem } = await load(hub.url + path, cookie, leave);
    if (hungUp) hangUps += 1;
    else if (whole) times.push(performance.now() - start);
    else problems.push(`${path}: ${problem}`);
  }
}

let published = 0;
async function publisher() {
  for (let n = 1; Date.now() < until; n += 1) {
    const path = n % 2 === 0 ? '/even' : '/odd';
    const answer = await fetch(`${hub.url}/api/v1/services/soak/versions`, {
      method: 'POST',
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/yaml' },
      body: `openapi: 3.1.0\ninfo: { title: Soak, version: '${n}' }\npaths: { ${path}: { get: { responses: { '200': { description: '${n}' } } } } }\n`,
    });
    await answer.arrayBuffer();
    if (answer.status === 201) published += 1;
    else problems.push(`publishing ${n}: ${answer.status}`);
    await sleep(250);
  }
}

let heard = 0;
/** Follows the live stream for some seconds at a time, then hangs up. */
async function follower() {
  while (Date.now() < until) {
    const life = AbortSignal.timeout(Math.round(500 + Math.random() * 10_000));
    try {
      const stream = await fetch(`${hub.url}/api/v1/events`, { headers: { cookie }, signal: life });
      for await (const chunk of stream.body ?? []) heard += Buffer.from(chunk).toString().split('\ndata:').length - 1;
    } catch (error) {
      if (!life.aborted) problems.push(`the live stream: ${error}`);
    }
  }
}

/** The server's memory in MB, each second. @type {number[]} */
const memory = [];
async function watch() {
  while (Date.now() < until) {
    memory.push(hub.memory());
    await sleep(1000);
  }
}

const service = await fetch(`${hub.url}/api/v1/services`, {
  method: 'POST',
  headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'soak', description: '' }),
});
if (service.status !== 201) throw new Error(`making the service: ${service.status} ${await service.text()}`);
await Promise.all([...Array.from({ length: clients }, client), publisher(), ...Array.from({ length: 20 }, follower), watch()]);

for (const path of paths) {
  const { whole, problem } = await load(hub.url + path, cookie, {});
  if (!whole) problems.push(`afterwards, ${path}: ${problem}`);
}
const panics = hub.panics();
/** @param {number} from @param {number} to */
const usual = (from, to) => memory.slice(memory.length * from, memory.length * to).sort((a, b) => a - b)[Math.floor((memory.length * (to - from)) / 2)] ?? 0;
const [warm, end] = [usual(0.25, 0.5), usual(0.75, 1)];
// Caches that fill and an allocator that keeps pages make up for some of it; a leak in this load makes much more.
if (seconds >= 300 && end > warm * 1.1) problems.push(`memory grew from ${warm} to ${end} MB after it was warm`);
times.sort((a, b) => a - b);
console.log(
  `${clients} clients, ${seconds} s, ${paths.length} pages: ${times.length} whole loads ` +
    `(median ${percentile(times, 0.5)} ms, 95 % ${percentile(times, 0.95)} ms, slowest ${percentile(times, 1)} ms), ` +
    `${hangUps} hang-ups, ${published} versions, ${heard} events heard, memory ${warm} MB warm and ${end} MB at the end, ` +
    `${problems.length} problems, ${panics.length} panics`,
);
for (const line of [...new Set(problems)].slice(0, 10)) console.error(`broken: ${line}`);
for (const line of panics.slice(0, 10)) console.error(line);
if (times.length === 0) console.error('not one load was whole');
if (heard === 0) console.error('not one event was heard');
await hub.dispose().catch((error) => problems.push(String(error)));
process.exitCode = problems.length === 0 && panics.length === 0 && times.length > 0 && heard > 0 ? 0 : 1;
