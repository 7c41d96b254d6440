import { describe, expect, it } from 'vitest';
import { instructionsFor } from '../../../core/analyst/instructions.ts';
import { conditionFacts, refusalOf } from '../../../core/services/analyst-drafts.ts';

describe('conditions of proposed rules', () => {
  const instructions = instructionsFor({ language: 'English', conditionFacts: conditionFacts() });

  it('may read the facts of a request, which the instructions name', () => {
    const names = conditionFacts().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['role', 'session', 'rootFields', 'operationName', 'limit']));
    for (const { name, type } of conditionFacts()) expect(instructions).toContain(`${name} (${type})`);
  });

  it('are written as in the examples that the instructions give, which our compiler accepts', () => {
    const examples = /Examples: ([^\n]*)\. Use only/.exec(instructions)?.[1]?.split('; ') ?? [];
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const example of examples) expect(refusalOf(example), example).toBeNull();
    const members = /Members: ([^\n]*?)\. Examples/.exec(instructions)?.[1]?.split(' or ') ?? [];
    expect(members).toHaveLength(2);
    for (const member of members) expect(refusalOf(`${member} == null`), member).toBeNull();
  });

  it.each(['', 'true ==', 'nothing_known == 1', 'role = "x"', 'drop table rules'])(
    'are refused with a reason: %j',
    (condition) => {
      expect(refusalOf(condition)).toEqual(expect.any(String));
    },
  );
});
