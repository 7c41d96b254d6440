import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import type { KillSwitchRule } from '../core/domain/kill-switch-rule.ts';
import { parseSnapshot, type RuleSnapshot, snapshotLines } from '../core/kill-switch/snapshot.ts';

export interface SnapshotChange {
  /** The rules that changed since the last call, as they are now; null: any may have. */
  readonly changed: readonly KillSwitchRule[] | null;
  readonly revision: number;
  /** All rules, as they are when this is called. */
  whole(): RuleSnapshot;
}

export interface SnapshotFile {
  /** Null where there is none, or it is not whole. */
  read(): Promise<RuleSnapshot | null>;
  /** Writes the change at once, or after the write that is under way. Nobody waits for it. */
  save(change: SnapshotChange): void;
  /** Resolves when everything is written. */
  settled(): Promise<void>;
}

export interface SnapshotFileOptions {
  readonly path: string;
  onFault(error: unknown): void;
}

/** What this process knows to be in the file. */
interface Written {
  /** Its last line. */
  readonly foot: string;
  /** Rules of its first block, and of those behind it. */
  readonly rules: number;
  readonly added: number;
}

/**
 * The rules as last known, in a file. A change adds a block with the rules it changed; when more were added than the file
 * began with, it is written anew, so that a change costs in proportion to what it changes.
 */
export function createSnapshotFile({ path, onFault }: SnapshotFileOptions): SnapshotFile {
  let unsaved: SnapshotChange | null = null;
  let written: Written | null = null;
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    while (unsaved !== null) {
      const change: SnapshotChange = unsaved;
      unsaved = null;
      const before = written;
      // Until the write has succeeded nobody knows what the file holds; then the next one begins it anew.
      written = null;
      try {
        written = await write(change, before);
      } catch (error) {
        onFault(error);
        if (before !== null) unsaved ??= { ...change, changed: null };
      }
    }
  }

  async function write({ changed, revision, whole }: SnapshotChange, before: Written | null): Promise<Written> {
    if (before === null || changed === null || before.added + changed.length > before.rules) {
      const snapshot = whole();
      return { foot: await writeWhole(path, snapshot), rules: snapshot.rules.length, added: 0 };
    }
    const foot = await addBlock(path, { revision, rules: changed }, before.foot);
    return { foot, rules: before.rules, added: before.added + changed.length };
  }

  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      return text === null ? null : parseSnapshot(text);
    },
    save(change) {
      unsaved = unsaved === null ? change : { ...change, changed: together(unsaved.changed, change.changed) };
      working ??= work().finally(() => (working = null));
    },
    settled: async () => working ?? undefined,
  };
}

function together(
  before: SnapshotChange['changed'],
  after: SnapshotChange['changed'],
): readonly KillSwitchRule[] | null {
  if (before === null || after === null) return null;
  const rules = new Map([...before, ...after].map((rule) => [rule.id, rule]));
  return [...rules.values()];
}

/** Writes beside the file and then renames, so that a reader sees the old or the new one, whole. Returns the last line. */
async function writeWhole(path: string, snapshot: RuleSnapshot): Promise<string> {
  const temporary = `${path}.${process.pid}.tmp`;
  const foot = await writeLines(await open(temporary, 'w', 0o600), snapshotLines(snapshot));
  await rename(temporary, path);
  return foot;
}

/** Adds to a file that must be there: without its first block the others mean nothing. */
async function addBlock(path: string, changes: RuleSnapshot, lastFoot: string): Promise<string> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
  return writeLines(file, snapshotLines(changes, lastFoot));
}

const SLICE_MS = 2;

/** Other work runs between slices; on return the lines are on the disk. Returns the last one. */
async function writeLines(file: FileHandle, lines: Iterable<string>): Promise<string> {
  try {
    let [text, last] = ['', ''];
    let turn = performance.now();
    for (const line of lines) {
      text += line;
      last = line;
      if (performance.now() - turn < SLICE_MS) continue;
      await file.write(text);
      text = '';
      turn = performance.now();
    }
    await file.write(text);
    await file.sync();
    return last;
  } finally {
    await file.close();
  }
}
