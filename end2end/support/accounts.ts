// Runs once before the tests, when the hub answers. `cargo leptos end-to-end` has started it on the developer's own
// data: there the tests' accounts are made, unless they exist. A hub that the tests start has them from its demo.
import { spawnSync } from 'node:child_process';
import { people } from './people.mjs';
import { program, root } from './places.mjs';

export default function makeAccounts() {
  if (!process.env.HANDSHAKE_WAIT) return;
  for (const [role, { email, password }] of Object.entries(people)) {
    const words = ['user', 'create', '--email', email, '--name', `Test ${role}`, '--role', role];
    const made = spawnSync(program(), words, { cwd: root, input: password, encoding: 'utf8' });
    console.log(made.status === 0 ? made.stdout.trim() : `${email} was not made: ${made.stderr.trim()}`);
  }
}
