import { createHash } from 'node:crypto';
import type { FieldEvidence, Finding } from '../../domain/finding.ts';
import type { Observation } from '../../domain/observation.ts';
import { asksOnlyForSchema, SCHEMA_FIELDS } from '../../domain/query-shape.ts';
import { type PersonalKind, personalKindOf } from '../personal-data/personal-names.ts';
import { personalKindOfCells } from '../personal-data/personal-values.ts';
import type { PatternContext, PatternDetector, PatternKind } from './pattern-context.ts';
import { countOf, formatCount, patternFinding, roleScope, shortName } from './pattern-context.ts';
import { chanceOfNews } from './seen-table.ts';

interface NewField {
  readonly path: string;
  readonly personal: PersonalKind | null;
}

/**
 * Fields this role never read; those with personal data – by name, or by the form of the values that came back – are a
 * finding of their own, and are reported even from a role that often reads something new.
 */
export const newField: PatternDetector = (context) => {
  const { observation, role, roleIsKnown, noveltyRate } = context;
  if (role === undefined || !roleIsKnown || asksOnlyForSchema(observation.shape)) return [];
  const fresh = observation.shape.fields
    .filter((path) => !role.fields.counts.has(path) && !SCHEMA_FIELDS.has(path))
    .map((path) => ({ path, personal: personalKindOf(path) ?? personalKindOfResult(observation, path) }));
  const chance = chanceOfNews(role.fields, role.requests);
  const personal = fresh.filter((field) => field.personal !== null);
  const plain = fresh.filter((field) => field.personal === null);
  const findings: Finding[] = [];
  if (personal.length > 0 && chance <= PERSONAL_RATE_FACTOR * noveltyRate) {
    findings.push(fieldFinding(context, 'personal_data_access', personal, chance));
  }
  if (plain.length > 0 && chance <= noveltyRate) findings.push(fieldFinding(context, 'new_field', plain, chance));
  return findings;
};

/** Fields that are new once in ten requests are exploration; rarer than that, a new personal one is worth a look. */
const PERSONAL_RATE_FACTOR = 10;
/** Fields named in the sentence, and in the evidence. */
const FIELDS_NAMED = 5;
const FIELDS_SHOWN = 20;

function fieldFinding(
  { observation, role }: PatternContext,
  kind: PatternKind & ('new_field' | 'personal_data_access'),
  fields: readonly NewField[],
  chance: number,
): Finding {
  const requests = role?.requests ?? 0;
  const named = fields.slice(0, FIELDS_NAMED).map(describe).join(', ');
  const more = fields.length > FIELDS_NAMED ? ` and ${fields.length - FIELDS_NAMED} more` : '';
  const what = kind === 'new_field' ? 'for the first time' : 'with personal data for the first time';
  return patternFinding(observation, {
    kind,
    subject: 'query',
    p: chance === 0 ? 1 / (requests + 1) : chance,
    reason:
      `role ${shortName(observation.principal.role)} reads ${countOf(fields.length, 'field')} ` +
      `${what} in ${formatCount(requests)} requests: ${named}${more}`,
    fields: fields.slice(0, FIELDS_SHOWN).map((field) => evidence(field, 1 / fields.length, requests)),
    firstSeen: { kind: 'field', scope: roleScope(observation), value: seenValue(fields) },
  });
}

function describe({ path, personal }: NewField): string {
  return personal === null ? shortName(path) : `${shortName(path)} (${personal})`;
}

function evidence(field: NewField, contribution: number, requests: number): FieldEvidence {
  return {
    path: field.path,
    value: null,
    contribution,
    tailProbability: 1 / (requests + 1),
    text: `${describe(field)} was read in none of ${formatCount(requests)} requests of this role`,
  };
}

/** The set of fields as a key of bounded length: two instances that see the same request first agree on it. */
function seenValue(fields: readonly NewField[]): string {
  const text = fields
    .map((field) => field.path)
    .sort()
    .join(',');
  return text.length <= 120 ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function personalKindOfResult(observation: Observation, path: string): PersonalKind | null {
  for (const dataset of observation.datasets) {
    if (!path.startsWith(`${dataset.name}.`)) continue;
    const column = dataset.columns.find((candidate) => path === `${dataset.name}.${candidate.path}`);
    if (column !== undefined) return personalKindOfCells(column.cells);
  }
  return null;
}
