import { createReadStream } from 'node:fs';
import { runConditionCaseLine } from '../../core/kill-switch/condition-cases.ts';
import { textLines } from './text-lines.ts';

/** One line of output per case; differences and malformed lines go to standard error and make the exit code 1. */
export async function runConditions(file: string): Promise<void> {
  const now = Date.now();
  let lineNumber = 0;
  let failures = 0;
  for await (const line of textLines(createReadStream(file))) {
    lineNumber++;
    if (line.trim() === '') continue;
    const outcome = runConditionCaseLine(line, lineNumber, now);
    if (outcome.kind === 'result') process.stdout.write(`${JSON.stringify(outcome.result)}\n`);
    const fault = outcome.kind === 'malformed' ? outcome.message : outcome.difference;
    if (fault === null) continue;
    failures++;
    process.stderr.write(`${fault}\n`);
  }
  if (failures > 0) process.exitCode = 1;
}
