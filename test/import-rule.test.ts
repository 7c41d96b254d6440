import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Folder → folders it may import, besides itself (design §3). The longest matching prefix decides. */
const ALLOWED: Record<string, readonly string[]> = {
  'core/domain': [],
  'core/document': ['core/domain'],
  'core/detection': ['core/domain'],
  'core/kill-switch': ['core/domain'],
  'core/alerting': ['core/domain'],
  'core/analyst': ['core/domain', 'core/detection'],
  'core/services': ['core'],
  schema: ['core'],
  connector: ['core', 'schema'],
  plugin: ['core', 'schema'],
  console: ['core', 'schema'],
  client: ['core/kill-switch', 'core/domain'],
  server: ['core', 'schema', 'connector', 'plugin', 'console', 'client', 'metadata'],
  metadata: ['core', 'schema', 'connector'],
};

const IMPORT = /^\s*(?:import|export)\b[^'"]*?\bfrom\s*['"](\.[^'"]+)['"]|^\s*import\s*['"](\.[^'"]+)['"]/gm;
const PACKAGE =
  /^\s*(?:import|export)\b[^'"]*?\bfrom\s*['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)|^\s*import\s*['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/gm;
const TYPE_ONLY = /^\s*(?:import|export)\s+type\b/;

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = Object.keys(ALLOWED).flatMap((folder) => sources(join(ROOT, folder)));
const edges = files.flatMap(edgesOf);

describe('imports', () => {
  it('go only in the direction of the design', () => {
    const forbidden = edges
      .filter((edge) => !isAllowed(edge.from, edge.to))
      .map((edge) => `${edge.from} imports ${edge.to}`);
    expect(forbidden).toEqual([]);
  });

  it('form no cycle at run time', () => {
    expect(findCycle(edges.filter((edge) => !edge.typeOnly))).toBeUndefined();
  });

  it('of what ships name only packages that are installed with it', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'peerDependencies',
      Record<string, string>
    >;
    const installed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const named = files.flatMap(packagesOf);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ name }) => !installed.has(name)).map(({ file, name }) => `${file} imports ${name}`)).toEqual(
      [],
    );
  });

  it('are seen by this test', () => {
    expect(edges.length).toBeGreaterThan(0);
  });
});

function sources(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => relative(ROOT, join(folder, name)));
  } catch {
    return []; // a folder of the design that is not there yet
  }
}

function edgesOf(file: string): Edge[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => ({
    from: file,
    to: relative(ROOT, resolve(ROOT, dirname(file), (match[1] ?? match[2]) as string)),
    typeOnly: TYPE_ONLY.test(match[0].trimStart()),
  }));
}

function packagesOf(file: string): { file: string; name: string }[] {
  return [...readFileSync(join(ROOT, file), 'utf8').matchAll(PACKAGE)]
    .map((match) => ({ file, name: (match[1] ?? match[2]) as string }))
    .filter(({ name }) => !name.startsWith('node:'));
}

function folderOf(file: string): string | undefined {
  return Object.keys(ALLOWED)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function isAllowed(from: string, to: string): boolean {
  const home = folderOf(from) as string;
  if (to.startsWith(`${home}/`)) return true;
  return (ALLOWED[home] ?? []).some((folder) => to.startsWith(`${folder}/`));
}

function findCycle(all: readonly Edge[]): string[] | undefined {
  const next = Map.groupBy(all, (edge) => edge.from);
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const edge of next.get(file) ?? []) {
      const cycle = visit(edge.to, [...trail, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
