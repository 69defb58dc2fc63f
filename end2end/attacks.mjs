// Attacks that need a release build and some minutes: each one once took the hub away from others, or down.
//
// It prints what it saw and fails where others were hurt. ATTACK names one of them: uploads, comparisons, renders, guesses
// or silence; all of them run otherwise. Their kinds are held by the tests, which need no release build.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hub, freePort } from './support/hub.mjs';

const MB = 1024 * 1024;
/** @type {string[]} */
const problems = [];

/** Signs in one of the demo's people and gives the headers of a page's requests. @param {string} url @param {string} who */
async function session(url, who) {
  const answer = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${who}@example.org`, password: `${who}-demo-password` }),
  });
  if (answer.status !== 201) throw new Error(`${who} can't sign in: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  return { cookie, 'sec-fetch-site': 'same-origin' };
}

/** @param {Hub} hub @param {Record<string, string>} headers @param {string} name */
async function makeService(hub, headers, name) {
  const answer = await fetch(`${hub.url}/api/v1/services`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name, description: '' }),
  });
  if (answer.status !== 201) throw new Error(`making ${name}: ${answer.status} ${await answer.text()}`);
}

/** @param {Hub} hub @param {Record<string, string>} headers @param {string} service @param {string} document */
async function publish(hub, headers, service, document) {
  const answer = await fetch(`${hub.url}/api/v1/services/${service}/versions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/yaml' },
    body: document,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** @param {string} version @param {string} paths */
const contract = (version, paths) => `openapi: 3.1.0\ninfo: { title: Attack, version: '${version}' }\npaths:\n${paths}`;

/** Operations of a few hundred bytes each. @param {number} count @param {(n: number) => string} type */
function operations(count, type) {
  let text = '';
  for (let n = 0; n < count; n += 1) {
    text += `  /p${n}:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema:\n`;
    text += `              type: object\n              required: [a${n % 7}]\n              properties:\n`;
    for (let p = 0; p < 7; p += 1) text += `                a${p}: { type: ${type(n + p)}, description: property ${p} of ${n} }\n`;
    text += `      responses: { '200': { description: Fine } }\n`;
  }
  return text;
}

/** @param {number[]} times @param {number} share */
const percentile = (times, share) => Math.round(times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);

/** How long something takes, again and again until `stop`. @param {() => Promise<unknown>} ask @param {Promise<unknown>} stop */
async function timesOf(ask, stop) {
  /** @type {number[]} */
  const times = [];
  let on = true;
  void stop.finally(() => (on = false));
  while (on) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
    await sleep(20);
  }
  return times;
}

/** @type {Record<string, (hub: Hub) => Promise<void>>} */
const attacks = {
  // 24 took 3.3 GB and 60 ended the process.
  async uploads(hub) {
    const headers = await session(hub.url, 'admin');
    const line = `# ${'x'.repeat(1000)}\n`;
    const padding = line.repeat(Math.floor((49 * MB) / line.length));
    let most = 0;
    let on = true;
    const watch = (async () => {
      for (; on; await sleep(100)) most = Math.max(most, hub.memory());
    })();
    const names = Array.from({ length: 24 }, (_, n) => `upload${n}`);
    for (const name of names) await makeService(hub, headers, name);
    const all = await Promise.all(
      names.map((name) => publish(hub, headers, name, padding + contract('1', operations(1, () => 'string'))).catch((error) => String(error))),
    );
    on = false;
    await watch;
    const stored = all.filter((status) => status === 201).length;
    console.log(`uploads: 24 of 49 MB at once, ${stored} stored, ${all.filter((status) => status === 503).length} told to come back, ${most} MB of memory at most`);
    if (all.some((status) => status !== 201 && status !== 503)) problems.push(`uploads were answered with ${all.join(', ')}`);
    if (most > 2048) problems.push(`uploads took ${most} MB`);
  },

  // A viewer's comparison of two documents of 15 MB kept another person's publishing waiting for 97 s.
  async comparisons(hub) {
    const [admin, viewer, developer] = await Promise.all(['admin', 'viewer', 'developer'].map((who) => session(hub.url, who)));
    if (!admin || !viewer || !developer) throw new Error('three people');
    const types = ['string', 'integer', 'boolean', 'number'];
    for (const name of ['hostile', 'honest']) await makeService(hub, admin, name);
    // Four versions, so that there are pairs that publishing has not compared.
    for (let version = 0; version < 4; version += 1) {
      const document = contract(String(version), operations(22_000, (n) => types[(n + version) % 4] ?? 'string'));
      const status = await publish(hub, admin, 'hostile', document);
      if (status !== 201) problems.push(`the ${Math.round(document.length / MB)} MB of version ${version} were answered with ${status}`);
    }
    await publish(hub, developer, 'honest', contract('0', operations(1, () => 'string')));
    const attack = Promise.all(
      ['0/2', '0/3', '1/3', '2/0', '3/0', '3/1'].map(async (pair) => {
        const start = performance.now();
        const path = `${hub.url}/api/v1/services/hostile/comparisons/${pair}`;
        // Each is left after a second and asked for again.
        await fetch(path, { headers: viewer, signal: AbortSignal.timeout(1000) }).catch(() => undefined);
        const answer = await fetch(path, { headers: viewer, signal: AbortSignal.timeout(120_000) });
        await answer.arrayBuffer();
        return { status: answer.status, seconds: (performance.now() - start) / 1000 };
      }),
    );
    let n = 1;
    const times = await timesOf(async () => {
      const status = await publish(hub, developer, 'honest', contract(String(n++), operations(1, (at) => types[(n + at) % 4] ?? 'string')));
      if (status !== 201) problems.push(`an honest document was answered with ${status}`);
    }, attack);
    const all = await attack;
    console.log(
      `comparisons: six of two documents of 15 MB, ${all.map(({ status, seconds }) => `${status} in ${seconds.toFixed(1)} s`).join(', ')}; ` +
        `beside them ${times.length} small documents published, median ${percentile(times, 0.5)} ms, slowest ${percentile(times, 1)} ms`,
    );
    if (percentile(times, 1) > 10_000) problems.push('a small document waited behind large ones');
  },

  // 64 renders at a time made health checks wait for 321 ms.
  async renders(hub) {
    const load = async () => {
      for (let n = 0; n < 8; n += 1) await (await fetch(`${hub.url}/docs/api`, { headers: { accept: 'text/html' } })).arrayBuffer();
    };
    const health = async () => (await fetch(`${hub.url}/healthz`)).arrayBuffer();
    const quiet = await timesOf(health, sleep(2000));
    const busy = await timesOf(health, Promise.all(Array.from({ length: 64 }, load)));
    console.log(`renders: health checks take ${percentile(quiet, 0.99)} ms at the 99th percentile, and ${percentile(busy, 0.99)} ms beside 64 renders`);
    if (percentile(busy, 0.99) > 250) problems.push('health checks wait for renders');
  },

  // 100 guessing connections locked 19 of 22 honest people out, and guessed 13.8 passwords a second.
  async guesses(hub) {
    let guesses = 0;
    let refused = 0;
    // Honest people have signed in from where they are before: that is what tells them from strangers.
    for (const who of ['viewer', 'developer']) await session(hub.url, who);
    const until = Date.now() + 20_000;
    const guess = async (/** @type {number} */ n) => {
      while (Date.now() < until) {
        const answer = await fetch(`${hub.url}/api/v1/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${n}` },
          body: JSON.stringify({ email: 'developer@example.org', password: `guess ${Math.random()}` }),
        });
        await answer.arrayBuffer();
        if (answer.status === 401) guesses += 1;
        else refused += 1;
        await sleep(10);
      }
    };
    const honest = async () => {
      let failed = 0;
      await sleep(3000);
      for (let n = 0; n < 22; n += 1) {
        const who = n % 2 === 0 ? 'viewer' : 'developer';
        await session(hub.url, who).catch(() => (failed += 1));
        await sleep(500);
      }
      return failed;
    };
    const [failed] = await Promise.all([honest(), ...Array.from({ length: 100 }, (_, n) => guess(n))]);
    console.log(`guesses: ${guesses} of ${guesses + refused} tried in 20 s from 100 addresses, ${failed} of 22 honest sign-ins failed`);
    if (Number(failed) > 0) problems.push(`${failed} honest people were locked out`);
    if (guesses > 200) problems.push(`${guesses} guesses were tried in 20 s`);
  },

  // 300 connections that say nothing stayed open for as long as they liked.
  async silence(hub) {
    const words = ['', 'P', 'PRI * HTTP/2.0\r\n\r\n', 'GET / HTTP/1.1\r\nHost: '];
    const closed = await Promise.all(
      Array.from(
        { length: 300 },
        (_, n) =>
          /** @type {Promise<number>} */ (
            new Promise((resolve) => {
              const start = performance.now();
              const socket = connect(Number(new URL(hub.url).port), '127.0.0.1', () => socket.write(words[n % words.length] ?? ''));
              socket.on('error', () => undefined);
              socket.on('close', () => resolve((performance.now() - start) / 1000));
              socket.resume();
              setTimeout(() => socket.destroy(), 60_000).unref();
            })
          ),
      ),
    );
    console.log(`silence: 300 connections were closed after ${Math.max(...closed).toFixed(0)} s at the latest`);
    if (Math.max(...closed) > 45) problems.push('silent connections stay open');
  },
};

for (const [name, attack] of Object.entries(attacks)) {
  if (process.env.ATTACK && process.env.ATTACK !== name) continue;
  const hub = new Hub({ port: await freePort(), demo: true, settings: { log: 'warn' } });
  await hub.start();
  await attack(hub).catch((error) => problems.push(`${name}: ${error}`));
  if (!(await fetch(`${hub.url}/readyz`).catch(() => undefined))?.ok) problems.push(`the hub isn't well after ${name}`);
  await hub.dispose().catch((error) => problems.push(`${name}: ${error}`));
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
