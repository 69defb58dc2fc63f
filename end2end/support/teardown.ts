// After the last test: the hub under test must not have panicked, in a test's time or between two of them.
import { existsSync, readFileSync } from 'node:fs';
import { PANIC } from './hub.mjs';
import { log } from './places.mjs';

export default function teardown() {
  if (!existsSync(log)) {
    console.log('The hub was running before these tests, so its log could not be searched for panics.');
    return;
  }
  const panics = readFileSync(log, 'utf8').split('\n').filter((line) => PANIC.test(line));
  if (panics.length > 0) throw new Error(`The hub panicked ${panics.length} times; see ${log}:\n${panics.slice(0, 5).join('\n')}`);
}
