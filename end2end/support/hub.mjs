// A hub of a test's own: its own port, folder and log, so that it can be empty, be killed and come back.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bareEnvironment, program, root } from './places.mjs';

/** What a panic leaves in the log: Rust's own report says so, no matter how it is logged. */
export const PANIC = /panicked/;

/** @returns {Promise<number>} a port of the loopback that is free now */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

export class Hub {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;

  /** @param {{ port: number, demo?: boolean, log?: string, settings?: Record<string, string> }} options
   *  `settings` are flags without their dashes: `{ 'access-token-seconds': '2' }`. */
  constructor({ port, demo = false, log, settings = {} }) {
    this.url = `http://127.0.0.1:${port}`;
    this.folder = mkdtempSync(join(tmpdir(), 'handshake-hub-'));
    this.log = log ?? join(this.folder, 'server.log');
    const flags = {
      listen: `127.0.0.1:${port}`,
      'data-dir': join(this.folder, 'data'),
      'site-root': join(root, 'target/site'),
      // Tests ask more than people do, all from this machine.
      'requests-per-minute': '0',
      ...settings,
    };
    this.arguments = ['serve', ...(demo ? ['--demo'] : []), ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
  }

  /** Starts it, again if need be, and waits until it answers. */
  async start() {
    const out = createWriteStream(this.log, { flags: 'a' });
    const hub = spawn(program(), this.arguments, { cwd: root, env: bareEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    hub.stdout.pipe(out, { end: false });
    hub.stderr.pipe(out, { end: false });
    hub.once('close', () => out.end());
    this.#process = hub;
    await this.ready();
  }

  async ready() {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      if (this.#process?.exitCode !== null) throw new Error(`The hub ended while it started:\n${this.written().slice(-2000)}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`The hub was not ready in time:\n${this.written().slice(-2000)}`);
  }

  /** Resolves to the exit code when it ends by itself or by a signal. */
  async ended() {
    const hub = this.#process;
    if (!hub) return null;
    if (hub.exitCode === null && hub.signalCode === null) await new Promise((resolve) => hub.once('close', resolve));
    return hub.exitCode;
  }

  /** SIGTERM asks it to finish its work, SIGKILL doesn't ask. @param {'SIGTERM' | 'SIGKILL'} [signal] */
  async stop(signal = 'SIGTERM') {
    this.#process?.kill(signal);
    return this.ended();
  }

  /** Its memory (resident set) in MB; 0 where the system doesn't say. */
  memory() {
    try {
      const status = readFileSync(`/proc/${this.#process?.pid}/status`, 'utf8');
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      return 0;
    }
  }

  /** The processor time that it has taken, in milliseconds; 0 where the system doesn't say. */
  processorTime() {
    try {
      const stat = readFileSync(`/proc/${this.#process?.pid}/stat`, 'utf8');
      // After the name in brackets: utime and stime are the 12th and 13th, in hundredths of a second.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
      return 0;
    }
  }

  /** Everything that it wrote so far. */
  written() {
    try {
      return readFileSync(this.log, 'utf8');
    } catch {
      return '';
    }
  }

  /** The one-time code that it printed when it started last, as it is empty. */
  async setUpCode() {
    const deadline = Date.now() + 5_000;
    while (Date.now() < deadline) {
      const codes = [...this.written().matchAll(/with this one-time code:\s+(\S+)/g)];
      const last = codes.at(-1)?.[1];
      if (last) return last;
      await sleep(20);
    }
    throw new Error(`The hub printed no set-up code:\n${this.written().slice(-2000)}`);
  }

  /** Each panic, with the line below it, which says what was wrong. */
  panics() {
    const lines = this.written().split('\n');
    return lines.flatMap((line, index) => (PANIC.test(line) ? [`${line} ${lines[index + 1] ?? ''}`] : []));
  }

  /** Stops it and takes its folder away; fails if it ever panicked or didn't end well. */
  async dispose() {
    const code = await this.stop();
    const panics = this.panics();
    rmSync(this.folder, { recursive: true, force: true });
    if (panics.length > 0) throw new Error(`The hub panicked:\n${panics.join('\n')}`);
    if (code !== 0) throw new Error(`The hub ended with ${code} instead of finishing its work.`);
  }
}
