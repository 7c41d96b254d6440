#!/usr/bin/env node
// Imports nothing before the version is known: better-sqlite3 crashes an older Node instead of failing.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  process.stderr.write(
    `ndc-sentinel needs Node 22.17 or newer; this is ${process.versions.node}. ` +
      'Inside the project "npm start" and "npx" bring their own Node 24.\n',
  );
  process.exit(1);
}
const { existsSync } = await import('node:fs');
const { tmpdir } = await import('node:os');
const { join } = await import('node:path');
// A packaged installation has only the compiled tree; a checkout runs its sources directly.
const sources = new URL('../server/main.ts', import.meta.url);
const runsSources = existsSync(sources);
const NEW_SPACE = '--max-semi-space-size';
const isDecided = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(NEW_SPACE));
if (process.argv[2] === 'serve' && !isDecided && process.platform !== 'win32' && process.execve && !process.send) {
  beginAgain();
}
if (runsSources) (await import('node:module')).enableCompileCache();
await import(runsSources ? sources.href : new URL('../dist/server/main.js', import.meta.url).href);

/**
 * How memory is had from the system is decided when a process begins, so the service begins again in its place, under the
 * same process id. V8 would keep up to 128 MB for short-lived objects, and let the others become three times what is in use
 * before it collects them; what it had once it keeps. The C library would keep an arena of memory for each thread, and after
 * the first large buffer was freed put later ones of its size, a model or the body of a request, among the small ones, where
 * they leave holes; from 16 kB on they are now pages of their own and go back when they are freed. For that an arena must
 * not grow by more than that at once, by 128 kB as it would, or the buffers find their room in it (measured after training 500
 * models: 11 to 17 MB of holes instead of 17 to 28). Only what lies at an arena's end goes back by itself.
 */
function beginAgain() {
  const { env } = process;
  const heap = [`${NEW_SPACE}=4`, '--heap-growing-percent=50'];
  const memory = {
    MALLOC_ARENA_MAX: env.MALLOC_ARENA_MAX ?? '2',
    MALLOC_MMAP_THRESHOLD_: env.MALLOC_MMAP_THRESHOLD_ ?? '16384',
    MALLOC_TOP_PAD_: env.MALLOC_TOP_PAD_ ?? '8192',
  };
  // In every thread: without it each would load the compiler that takes the types out, 9 MB (measured). What is compiled
  // already starts nearly as fast without, and the cache stays in memory.
  const cache = { NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache') };
  process.execve(process.execPath, [process.execPath, ...heap, ...process.execArgv, ...process.argv.slice(1)], {
    ...env,
    ...memory,
    ...(runsSources && cache),
  });
}
