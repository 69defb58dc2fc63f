// The gate that every test goes through: a page that works but complains doesn't pass.
//
// A test fails on an error or warning in the console (that is where a failed hydration, a broken content security
// policy and a failed request show), an uncaught exception, an answer of 5xx, a request that gets no answer, a
// request to another host, and a panic of the server. What a test means to provoke it declares with `gate.expects`,
// which in turn fails if it never comes, or `gate.tolerates`, for what depends on timing.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page } from '@playwright/test';
import { Hub, PANIC, freePort } from './hub.mjs';
import { baseURL, log } from './places.mjs';

export { expect };

export class Gate {
  readonly problems: string[] = [];
  readonly #expected: { pattern: RegExp; met: boolean }[] = [];
  readonly #tolerated: RegExp[] = [];

  expects(pattern: RegExp) {
    this.#expected.push({ pattern, met: false });
  }

  tolerates(pattern: RegExp) {
    this.#tolerated.push(pattern);
  }

  /** Watches all pages of a context that may talk to `origin` only. */
  watch(context: BrowserContext, origin: string) {
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.#note(`console ${message.type()} on ${message.page()?.url()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.#note(`uncaught: ${error.error().stack ?? error.error().message}`));
    context.on('request', (request) => {
      if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== origin) {
        this.#note(`a request left the machine: ${request.url()}`);
      }
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? 'no reason';
      // Leaving a page ends its live stream and whatever else was under way.
      if (!reason.includes('ERR_ABORTED')) this.#note(`no answer: ${request.method()} ${request.url()}: ${reason}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 500) this.#note(`${response.status()}: ${response.request().method()} ${response.url()}`);
    });
  }

  #note(problem: string) {
    const expected = this.#expected.find(({ pattern }) => pattern.test(problem));
    if (expected) expected.met = true;
    else if (!this.#tolerated.some((pattern) => pattern.test(problem))) this.problems.push(problem);
  }

  /** Waits for what is expected and hasn't come yet, as long as there is a page to tell of it: the browser may note in
   *  its console what the page has shown already. */
  async settle() {
    const deadline = Date.now() + 5_000;
    while (this.#expected.some(({ met }) => !met) && Date.now() < deadline) await sleep(20);
  }

  close() {
    const missing = this.#expected.filter(({ met }) => !met).map(({ pattern }) => `expected, but never came: ${pattern}`);
    expect([...this.problems, ...missing], 'the gate: nothing may go wrong on the side').toEqual([]);
  }
}

/** A page whose `goto` and `reload` end when the hub's own pages are hydrated: who types sooner, types into a plain form,
 *  which is what the tests without JavaScript are for. */
function patient(page: Page) {
  const hydrated = async () => {
    if ((await page.locator('link[rel="modulepreload"][href*="/pkg/"]').count()) > 0) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  };
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  page.goto = async (...args) => {
    const answer = await goto(...args);
    await hydrated();
    return answer;
  };
  page.reload = async (...args) => {
    const answer = await reload(...args);
    await hydrated();
    return answer;
  };
  return page;
}

type Fixtures = {
  gate: Gate;
  /** A hub of the test's own, started. It ends when the pages are closed: a page that is left behind would ask for it. */
  newHub: (options?: { demo?: boolean }) => Promise<Hub>;
  /** A page in a context of its own, watched like the first: somebody else's browser. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>;
};

export const test = base.extend<Fixtures>({
  gate: [
    async ({}, use) => {
      const gate = new Gate();
      const from = existsSync(log) ? statSync(log).size : 0;
      await use(gate);
      const written = existsSync(log) ? readFileSync(log).subarray(from).toString() : '';
      expect(written.split('\n').filter((line) => PANIC.test(line)), 'the server must not panic').toEqual([]);
      gate.close();
    },
    { auto: true },
  ],
  context: async ({ context, gate, baseURL: origin }, use) => {
    gate.watch(context, new URL(origin ?? baseURL).origin);
    await use(context);
    await gate.settle();
  },
  page: async ({ page, javaScriptEnabled }, use) => {
    await use(javaScriptEnabled === false ? page : patient(page));
  },
  newHub: async ({}, use) => {
    const hubs: Hub[] = [];
    await use(async (options = {}) => {
      const hub = new Hub({ port: await freePort(), ...options });
      hubs.push(hub);
      await hub.start();
      return hub;
    });
    await Promise.all(hubs.map((hub) => hub.dispose()));
  },
  // It names `newHub` so that its pages are closed before the hubs end.
  newPage: async ({ browser, gate, newHub: _, baseURL: origin }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', timezoneId: 'UTC', ...options });
      gate.watch(context, new URL(options.baseURL ?? origin ?? baseURL).origin);
      contexts.push(context);
      const page = await context.newPage();
      return options.javaScriptEnabled === false ? page : patient(page);
    });
    await gate.settle();
    await Promise.all(contexts.map((context) => context.close()));
  },
});
