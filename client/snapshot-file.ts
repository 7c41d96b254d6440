import { open, readFile, rename } from 'node:fs/promises';
import { parseSnapshot, type RuleSnapshot, snapshotLines } from '../core/kill-switch/snapshot.ts';

const SLICE_MS = 4;

/**
 * Writes the snapshot beside the file and then renames it, so that a reader sees the old or the new one, whole. Other
 * work runs between slices.
 */
export async function writeSnapshotFile(path: string, snapshot: RuleSnapshot): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    let text = '';
    let turn = performance.now();
    for (const line of snapshotLines(snapshot)) {
      text += line;
      if (performance.now() - turn < SLICE_MS) continue;
      await file.write(text);
      text = '';
      turn = performance.now();
    }
    await file.write(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Null where there is none, or it is not whole. */
export async function readSnapshotFile(path: string): Promise<RuleSnapshot | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseSnapshot(text);
}
