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
 * The lines of a snapshot: a head, a rule each, and a foot with the number of rules and a SHA-256 over all lines before
 * it. Line by line, so that ten thousand rules are written in slices.
 */
export function* snapshotLines({ revision, rules }: RuleSnapshot): Generator<string, void, undefined> {
  const checksum = createHash('sha256');
  const line = (value: unknown) => {
    const text = `${JSON.stringify(value)}\n`;
    checksum.update(text);
    return text;
  };
  yield line({ format: FORMAT, revision });
  for (const rule of rules) yield line(ruleRow(rule));
  yield `${JSON.stringify({ rules: rules.length, checksum: checksum.digest('hex') })}\n`;
}

/** Null for a text that is not whole: a snapshot is never half loaded. */
export function parseSnapshot(text: string): RuleSnapshot | null {
  const lines = text.trimEnd().split('\n');
  const foot = recordOf(lines.pop() ?? '');
  const head = recordOf(lines[0] ?? '');
  const checksum = createHash('sha256');
  for (const line of lines) checksum.update(`${line}\n`);
  if (foot?.['checksum'] !== checksum.digest('hex') || foot['rules'] !== lines.length - 1) return null;
  if (head?.['format'] !== FORMAT || !Number.isSafeInteger(head['revision'])) return null;
  return {
    revision: head['revision'] as number,
    rules: lines.slice(1).map((line) => ruleFromRow(JSON.parse(line) as unknown)),
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
