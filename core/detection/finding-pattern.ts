import { createHash } from 'node:crypto';
import type { Finding } from '../domain/finding.ts';
import type { Observation } from '../domain/observation.ts';

/** Fields of an unusual combination that make it the same one again. */
const COMBINED_FIELDS = 3;

/**
 * What a finding has in common with its repeats, as 32 hexadecimal digits; the same in every process. About data: the
 * role, the dataset, the kind, and the leading field with the way in which its value is unusual (for a combination its
 * first three). About a caller: the user and the kind. About a query: the role, its root fields and the kind.
 */
export function patternOf(observation: Observation, finding: Finding): string {
  const { source, principal } = observation;
  const parts = [source, principal.role, finding.kind, finding.subject.kind, ...subjectParts(observation, finding)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function subjectParts(
  { principal, shape }: Observation,
  { kind, subject, fields, reason }: Finding,
): readonly unknown[] {
  switch (subject.kind) {
    case 'caller':
      return [principal.userId];
    case 'query':
      return shape.rootFields;
    default: {
      const leading = fields
        .slice(0, kind === 'unusual_combination' ? COMBINED_FIELDS : 1)
        .map((field) => [field.path, field.valueClass ?? null]);
      // A change of the schema has no fields; its reason names the columns and holds no number.
      return [subject.dataset, ...(leading.length > 0 ? leading : [reason])];
    }
  }
}
