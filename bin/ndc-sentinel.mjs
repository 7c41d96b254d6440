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
// V8 would keep up to 128 MB for short-lived objects and the C library an arena of memory for each thread. Both are decided
// when a process begins, so the service begins again in its place, under the same process id, where the system allows it.
const NEW_SPACE = '--max-semi-space-size';
const isDecided = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(NEW_SPACE));
if (process.argv[2] === 'serve' && !isDecided && process.platform !== 'win32' && process.execve && !process.send) {
  process.execve(
    process.execPath,
    [process.execPath, `${NEW_SPACE}=8`, ...process.execArgv, ...process.argv.slice(1)],
    { ...process.env, MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '2' },
  );
}
// A packaged installation has only the compiled tree; a checkout runs its sources directly.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { existsSync } = await import('node:fs');
const compiled = new URL('../dist/server/main.js', import.meta.url);
const sources = new URL('../server/main.ts', import.meta.url);
await import(existsSync(sources) ? sources.href : compiled.href);
