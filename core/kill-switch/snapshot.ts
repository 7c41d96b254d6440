import { createHash } from 'node:crypto';
import type { KillSwitchRule } from '../domain/kill-switch-rule.ts';
import { ruleFromRow, ruleRow } from './rule-row.ts';

/** Rules as last known, for a start while nobody can be asked. */
export interface RuleSnapshot {
  readonly revision: number;
  readonly rules: readonly KillSwitchRule[];
}

const FORMAT = 'ndc-sentinel kill-switch rules 1';

/**
 * A snapshot is a file of blocks: the first holds all rules, each further one the rules that changed since the one
 * before. A block is a head, a line per rule, and a foot with the number of its rules and a SHA-256 over the foot of the
 * block before and all its lines. Line by line, so that ten thousand rules are written in slices.
 *
 * @param lastFoot the last line of the file that the block is added to, with its line end; empty for the first block.
 */
export function* snapshotLines({ revision, rules }: RuleSnapshot, lastFoot = ''): Generator<string, void, undefined> {
  const checksum = createHash('sha256').update(lastFoot);
  const line = (value: unknown) => {
    const text = `${JSON.stringify(value)}\n`;
    checksum.update(text);
    return text;
  };
  yield line({ format: FORMAT, revision });
  for (const rule of rules) yield line(ruleRow(rule));
  yield `${JSON.stringify({ rules: rules.length, checksum: checksum.digest('hex') })}\n`;
}

/**
 * The rules of all blocks. A last block without its foot was being added when the process died: what was before it
 * counts. Null for a text that is damaged otherwise, or has no whole block: a snapshot is never half loaded.
 */
export function parseSnapshot(text: string): RuleSnapshot | null {
  const rules = new Map<string, KillSwitchRule>();
  let revision: number | null = null;
  let lastFoot = '';
  let block: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    block.push(line);
    const isFoot = line.startsWith('{"rules":') && line.endsWith('\n');
    if (!isFoot) continue;
    const changes = parseBlock(block, lastFoot);
    if (changes === null) return null;
    for (const rule of changes.rules) rules.set(rule.id, rule);
    revision = changes.revision;
    lastFoot = line;
    block = [];
  }
  return revision === null ? null : { revision, rules: [...rules.values()] };
}

function parseBlock(lines: readonly string[], lastFoot: string): RuleSnapshot | null {
  const foot = recordOf(lines.at(-1) ?? '');
  const head = recordOf(lines[0] ?? '');
  const rows = lines.slice(1, -1);
  const checksum = createHash('sha256').update(lastFoot);
  for (const line of lines.slice(0, -1)) checksum.update(line);
  if (foot?.['checksum'] !== checksum.digest('hex') || foot['rules'] !== rows.length) return null;
  if (head?.['format'] !== FORMAT || !Number.isSafeInteger(head['revision'])) return null;
  return {
    revision: head['revision'] as number,
    rules: rows.map((line) => ruleFromRow(JSON.parse(line) as unknown)),
  };
}

function recordOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
