import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runConditionCaseLine } from '../../../core/kill-switch/condition-cases.ts';

const FOLDER = join(import.meta.dirname, 'cases');
const NOW = Date.parse('2026-11-20T12:00:00Z');

function linesOf(file: string): string[] {
  return readFileSync(join(FOLDER, file), 'utf8').trim().split('\n');
}

describe.each(readdirSync(FOLDER))('the conditions of %s', (file) => {
  it.each(linesOf(file).map((line, at) => [(JSON.parse(line) as { id: string }).id, line, at + 1] as const))(
    '%s',
    (_id, line, lineNumber) => {
      const outcome = runConditionCaseLine(line, lineNumber, NOW);
      expect(outcome, line.slice(0, 300)).toMatchObject({ kind: 'result', difference: null });
    },
  );
});

it('the tables hold at least 250 conditions that expect something', () => {
  const cases = readdirSync(FOLDER)
    .flatMap(linesOf)
    .map((line) => JSON.parse(line) as { expected?: unknown });
  expect(cases.filter(({ expected }) => expected !== undefined).length).toBeGreaterThanOrEqual(250);
});

describe('a line of a case file', () => {
  it('answers the value under its id', () => {
    expect(runConditionCaseLine('{"id":"a","condition":"x == 1","fact":{"x":1}}', 1, NOW)).toEqual({
      kind: 'result',
      result: { id: 'a', value: true },
      difference: null,
    });
  });

  it('may have fields of its owner', () => {
    const line = '{"id":"a","group":"seed","note":"why","condition":"true","expected":false}';
    expect(runConditionCaseLine(line, 4, NOW)).toMatchObject({ difference: 'line 4 (a): expected false, got true' });
  });

  it('is named by its line number when it has no id', () => {
    expect(runConditionCaseLine('{"condition":"x == 1"}', 7, NOW)).toMatchObject({ result: { id: 7, value: false } });
  });

  it('answers the position of a refused condition', () => {
    expect(runConditionCaseLine('{"condition":"roel == 1","schema":"ddn"}', 1, NOW)).toEqual({
      kind: 'result',
      result: {
        id: 1,
        error: {
          stage: 'create',
          position: 0,
          message: 'The facts of "ddn" have no name "roel". Did you mean "role"?',
        },
      },
      difference: null,
    });
  });

  it.each([
    ['{"condition":"true","expected":false}', 'expected false, got true'],
    ['{"condition":"true","expected":"error"}', 'expected error, got true'],
    ['{"condition":"5","expected":true}', 'expected true, got an error at create: '],
    [
      '{"condition":"x > 1","expected":"error","errorAt":"create"}',
      'expected an error at create, got an error at evaluate: ',
    ],
  ])('%s differs', (line, difference) => {
    expect(runConditionCaseLine(line, 1, NOW)).toMatchObject({
      difference: expect.stringContaining(difference) as string,
    });
  });

  it.each([
    ['', 'line 3: not JSON'],
    ['[1]', 'line 3: a case is a JSON object, not a list.'],
    ['{"fact":{}}', 'line 3: "condition" must be a string, not null.'],
    ['{"condition":"true","expect":true}', 'line 3: unknown field "expect". Did you mean "expected"?'],
    ['{"condition":"true","expected":"true"}', 'line 3: "expected" must be'],
    ['{"condition":"true","errorAt":"create"}', 'line 3: "errorAt" needs'],
    ['{"condition":"true","now":"noon"}', 'line 3: "now" must be'],
    ['{"condition":"true","schema":"dnd"}', 'line 3: unknown schema "dnd"; there is ddn.'],
    ['{"condition":"true","schema":{"facts":{"a":"text"}}}', 'line 3: The type of "a" must be one of'],
    ['{"condition":"true","id":{}}', 'line 3: "id" must be'],
    ['{"condition":"true","Fact":{}}', 'line 3: unknown field "Fact". Did you mean "fact"?'],
  ])('%s is malformed', (line, message) => {
    expect(runConditionCaseLine(line, 3, NOW)).toEqual({
      kind: 'malformed',
      message: expect.stringContaining(message) as string,
    });
  });
});
