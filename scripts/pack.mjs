// Finishes the browser's side of a release: node pack.mjs SITE HASHES
//
// 1. Every module is optimised; the main one, everybody's first load, once more, with passes in an order.
// 2. The splitter makes a chunk for each set of pages that share something: a hundred of them are smaller than the headers
//    of the requests that fetch them, and a page needed up to eighty. The small ones become one file, a WebAssembly module
//    whose custom sections they are, and the script that loads them, which is in the first load too, becomes a table.
//    A page whose code can't be had is no panic any more: `app/src/ui/lazy.rs` hears of it and goes there by way of the
//    server. Unless it does, the page is the server's already, and its links are left to the browser.
// 3. The main module and the two scripts name each other, and each is kept by browsers for a year by its name. They get
//    one new name together: cargo-leptos hashes the first two before it writes the third one's name into them, so that a
//    browser that was here before would put parts of two releases together.
// 4. Everything is compressed, as far as it goes.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Bytes. A larger chunk has a file of its own, which only those pages fetch that need it. */
const SMALL = 2000;

const [site, hashes] = process.argv.slice(2);
if (!hashes) throw new Error('node pack.mjs SITE HASHES');
const pkg = join(site, 'pkg');
const loader = join(pkg, the(/^__wasm_split\.[\w-]{22}\.js$/));
await optimise();
pack();
rename();
compress(site);

/** As `wasm-opt -Oz` does it, in one process: starting it for each of two hundred modules takes minutes. */
async function optimise() {
    const main = the(/^handshake\.[\w-]{22}\.wasm$/);
    // Streams that Rust would hand to JavaScript: exported by a library that server_fn always brings, and never made here.
    const unused = 'intounderlying';
    const made = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(join(pkg, main))));
    if (made.some(({ name }) => name.includes(unused))) throw new Error(`${main} makes streams: their exports have to stay`);
    const { default: binaryen } = await import(new URL('../end2end/node_modules/binaryen/index.js', import.meta.url));
    const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
    const features = BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt;
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(2);
    binaryen.setGenerateStackIR(true);
    binaryen.setOptimizeStackIR(true);
    // Nothing lies in the first kilobyte of memory, where the stack ends: so offsets are folded into loads and stores.
    binaryen.setLowMemoryUnused(true);
    binaryen.setPassArgument('remove-exports', `*${unused}*`);
    for (const file of readdirSync(pkg).filter((file) => file.endsWith('.wasm'))) {
        const module = binaryen.readBinary(readFileSync(join(pkg, file)), features);
        module.optimize();
        if (file === main) {
            module.runPasses(['remove-exports', 'flatten', 'rereloop']);
            module.optimize();
            module.optimize();
        }
        module.runPasses(['strip-debug', 'strip-producers', 'strip-target-features']);
        writeFileSync(join(pkg, file), module.emitBinary());
        module.dispose();
    }
}

/** The first 22 characters of a digest, as cargo-leptos' names have them. */
function digest(...parts) {
    const hash = createHash('sha256');
    parts.forEach((part) => hash.update(part));
    return hash.digest('base64url').slice(0, 22);
}

function rename() {
    const parts = [
        ['js', 'handshake', 'js'],
        ['wasm', 'handshake', 'wasm'],
        ['split', '__wasm_split', 'js'],
    ].map(([key, name, extension]) => {
        const file = the(new RegExp(`^${name}\\.[\\w-]{22}\\.${extension}$`));
        return { key, name, extension, file, text: readFileSync(join(pkg, file), 'latin1') };
    });
    const release = digest(...parts.map(({ text }) => Buffer.from(text, 'latin1')));
    const renamed = ({ name, extension }) => `${name}.${release}.${extension}`;
    for (const part of parts) {
        // As long as before, so that nothing moves in the module either.
        const text = parts.reduce((text, other) => text.replaceAll(other.file, renamed(other)), part.text);
        rmSync(join(pkg, part.file));
        writeFileSync(join(pkg, renamed(part)), text, 'latin1');
    }
    // Where the server finds the names.
    const keys = parts.map(({ key }) => key);
    const lines = readFileSync(hashes, 'utf8').split('\n');
    const told = lines.map((line) => (keys.includes(line.split(':')[0]) ? `${line.split(':')[0]}: ${release}` : line));
    if (told.filter((line) => line.endsWith(release)).length !== parts.length) throw new Error(`${hashes} is not as expected`);
    writeFileSync(hashes, told.join('\n'));
}

function pack() {
    const text = readFileSync(loader, 'utf8');
    const { runtime, chunks, pages } = read(text.replace(/^\/\*.*\*\/\n/gm, '').replace(/^\s*\/\/.*\n/gm, ''));
    const size = (file) => readFileSync(join(pkg, `${file}.wasm`)).length;
    const small = [...chunks].filter(([, file]) => file && size(file) < SMALL);
    const packed = small.map(([number, file]) => section(String(number), readFileSync(join(pkg, `${file}.wasm`))));
    const module = Buffer.concat([Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), ...packed]);
    const name = `chunks.${digest(module)}`;
    writeFileSync(join(pkg, `${name}.wasm`), module);

    const manifest = join(pkg, the(/^__wasm_split_manifest\..*json$/));
    const instead = new Map(small.map(([, file]) => [file, name]));
    const preloads = Object.entries(JSON.parse(readFileSync(manifest, 'utf8')));
    writeFileSync(manifest, JSON.stringify(Object.fromEntries(
        preloads.map(([page, list]) => [page, [...new Set(list.map((file) => instead.get(file) ?? file))]]),
    )));
    const script = write(runtime, chunks, pages, new Set(small.map(([number]) => number)), name);
    writeFileSync(loader, script);
    for (const [, file] of small) rmSync(join(pkg, `${file}.wasm`));
    console.log(`    ${small.length} small chunks in one of ${module.length} bytes; ${loader.split('/').pop()}: ${text.length} bytes, now ${script.length}`);
}

/** The one file of that name. */
function the(pattern) {
    const found = readdirSync(pkg).filter((file) => pattern.test(file));
    if (found.length !== 1) throw new Error(`${pkg} has ${found.length} files like ${pattern}`);
    return found[0];
}

/** Takes the splitter's script apart: its runtime, its chunks (number to file, null where there is nothing in it) and pages. */
function read(text) {
    const chunks = new Map();
    const pages = [];
    const nothing = String.raw`\(\) => async \(_imp\) => \(\{\}\)`;
    const fetched = String.raw`\(\) => \{\s*const src = fetch\(new URL\("\./([\w.-]+)\.wasm", import\.meta\.url\)\);\s*return async \(imports\) => \(WebAssembly\.instantiateStreaming\(src, imports\)\);\s*\}\s*`;
    const chunk = new RegExp(String.raw`^const __chunk_(\d+) = makeLoad\((?:${nothing}|${fetched}), \[\]\);\n`, 'gm');
    const page = new RegExp(String.raw`^export const (\w+) = wrapAsyncCb\(makeLoad\((?:${nothing}|${fetched}), \[([\w, ]*)\]\)\);\n`, 'gm');
    const runtime = text
        .replace(chunk, (_, number, file) => (chunks.set(Number(number), file ?? null), ''))
        .replace(page, (_, load, file, needs) => (pages.push({ load, file, needs: needs.match(/\d+/g)?.map(Number) ?? [] }), ''));
    // Whatever is not understood would be lost.
    if (pages.length === 0 || /instantiateStreaming|__chunk_|wasm_split_load/.test(runtime)) {
        throw new Error('the splitter writes its script in another way now: read() has to follow');
    }
    return { runtime: runtime.trimEnd(), chunks, pages };
}

/** The script that loads the chunks, of which the small ones are in one file. */
function write(runtime, chunks, pages, small, file) {
    const large = [...chunks].filter(([number, file]) => file && !small.has(number)).map(([number, file]) => `${number}:"${file}"`);
    const lines = pages.map(({ load, file, needs }) => {
        const needed = JSON.stringify(ranges(needs.filter((number) => chunks.get(number))));
        return `export const ${load} = ${load.includes('_route_view_') ? 'page' : 'wrapAsyncCb'}(needing(${file ? `"${file}"` : 'null'}, ${needed}));`;
    });
    return `${runtime}
const get = (file) => fetch(new URL(\`./\${file}.wasm\`, import.meta.url));
const whole = (file, needs) => makeLoad(() => {
    const source = file && get(file);
    return async (imports) => file && WebAssembly.instantiateStreaming(source, imports);
}, needs);
let packed;
const pack = () => packed ??= WebAssembly.compileStreaming(get("${file}")).catch((error) => {
    packed = undefined;
    throw error;
});
const part = (number) => makeLoad(() => {
    const source = pack();
    return async (imports) => WebAssembly.instantiate(WebAssembly.Module.customSections(await source, String(number))[0], imports);
}, []);
const numbers = (text) => text.split(" ").filter(Boolean).flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
});
const chunks = {};
for (const number of numbers("${ranges([...small])}")) chunks[number] = part(number);
for (const [number, file] of Object.entries({${large.join()}})) chunks[number] = whole(file, []);
const needing = (file, needs) => whole(file, numbers(needs).map((number) => chunks[number]));
const page = (load) => {
    const loaded = wrapAsyncCb(load);
    return (...callback) => load().catch(load).then(() => loaded(...callback), (error) => {
        console.error(error);
        if (dispatchEvent(new Event("chunkmissing", { cancelable: true }))) {
            document.documentElement.setAttribute("data-code", "missing");
            addEventListener("click", (click) => click.stopImmediatePropagation(), true);
        }
    });
};
${lines.join('\n')}
`;
}

/** `1 2 3 7` is `1-3 7`. */
function ranges(numbers) {
    const runs = [];
    for (const number of numbers.toSorted((a, b) => a - b)) {
        const run = runs.at(-1);
        if (run && run[1] + 1 === number) run[1] = number;
        else runs.push([number, number]);
    }
    return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(' ');
}

/** A custom section (WebAssembly core specification, 5.5.3). */
function section(name, bytes) {
    const content = Buffer.concat([leb128(name.length), Buffer.from(name), bytes]);
    return Buffer.concat([Buffer.from([0]), leb128(content.length), content]);
}

function leb128(number) {
    const bytes = [];
    do {
        bytes.push((number & 127) | (number > 127 ? 128 : 0));
        number >>>= 7;
    } while (number);
    return Buffer.from(bytes);
}

function compress(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (!entry.isFile() || /\.(br|gz)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        const params = {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
    }
}
