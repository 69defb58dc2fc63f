// Takes the comments out of the script that loads the chunks, which is in everybody's first load: node loader.mjs PKG
//
// cargo-leptos minifies the module's script but not this one, in which a comment before each chunk names every page that
// shares it: a sixth of it as sent. The hash in its name stays that of the longer text, which is as different from
// release to release.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = process.argv[2];
const name = readdirSync(folder).find((file) => /^__wasm_split\.[\w-]{22}\.js$/.test(file));
if (!name) throw new Error(`${folder} has no script that loads the chunks`);
const path = join(folder, name);
const before = readFileSync(path, 'utf8');
const after = before.replace(/^\/\*.*\*\/\n/gm, '').replace(/^\s*\/\/.*\n/gm, '');
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
writeFileSync(path, after);
writeFileSync(`${path}.br`, brotliCompressSync(after, quality));
writeFileSync(`${path}.gz`, gzipSync(after, { level: 9 }));
console.log(`    ${name}: ${before.length} bytes, ${after.length} without comments`);
