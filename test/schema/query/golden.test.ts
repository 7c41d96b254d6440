import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../schema/query/dialects.ts';
import type { QueryRequestForm } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { SOURCE } from '../../../schema/query/lower-query.ts';
import { resolveRequest } from '../../../schema/query/resolve-request.ts';
import { compileQuery, statementsOf } from '../../../schema/query/run-query.ts';
import { formFromJson } from '../../support/query-form-json.ts';
import { fixtureCatalogue } from '../../support/query-fixture.ts';
import { planToJson } from '../../support/query-plan-json.ts';
import { RELATIONSHIPS } from '../../support/query-requests.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const engine = createQueryEngine(fixtureCatalogue);
const names = readdirSync(GOLDEN);
const cases = names.flatMap((name) => Object.values(DIALECTS).map(({ name: dialect }) => ({ name, dialect })));

describe('the plan of a request', () => {
  it.each(names)('%s is the recorded one', async (name) => {
    await expect(planToJson(resolveRequest(fixtureCatalogue, requestOf(name)))).toMatchFileSnapshot(
      join(GOLDEN, name, 'plan.json'),
    );
  });
});

describe('the SQL of a request', () => {
  it.each(cases)('$name on $dialect is the recorded one', async ({ name, dialect }) => {
    const text = statementsOf(compileQuery(engine, dialect, requestOf(name)).lowered)
      .map(({ part, statement }) => `-- ${part}\n${layOut(statement.sql)};\n-- ${parametersOf(statement.parameters)}\n`)
      .join('\n');
    await expect(text).toMatchFileSnapshot(join(GOLDEN, name, `sql.${dialect}.sql`));
  });
});

function requestOf(name: string): QueryRequestForm {
  const json: unknown = JSON.parse(readFileSync(join(GOLDEN, name, 'request.json'), 'utf8'));
  return { relationships: RELATIONSHIPS, ...formFromJson(json) };
}

/** Clauses on lines of their own: enough to read a difference. */
function layOut(sql: string): string {
  return sql.replaceAll(/ (?=(from|where|group by|having|order by|limit|offset \S+ rows|fetch next) )/g, '\n  ');
}

function parametersOf(parameters: readonly unknown[]): string {
  return parameters.map((value) => (value === SOURCE ? '<source>' : JSON.stringify(value))).join(', ');
}
