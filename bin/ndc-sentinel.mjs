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
// A packaged installation has only the compiled tree; a checkout runs its sources directly.
const { enableCompileCache } = await import('node:module');
enableCompileCache();
const { existsSync } = await import('node:fs');
const compiled = new URL('../dist/server/main.js', import.meta.url);
const sources = new URL('../server/main.ts', import.meta.url);
await import(existsSync(sources) ? sources.href : compiled.href);
