import { type FieldEvidence, type Finding, FINDING_KINDS } from '../domain/finding.ts';
import type { ArgumentValue, Observation } from '../domain/observation.ts';
import { hiddenKind, roundedNumber, safeColumnPath, safeName, safePath } from './redaction.ts';
import { safeReason } from './safe-reason.ts';
import { MAX_EVIDENCE, MAX_FIELDS } from './sketch-limits.ts';

const MAX_SELECTED = 120;
const MAX_ARGUMENTS = 30;

/** Told by its paths and counts; the normalised text says no more and could hold any text where NDC names do. */
export function sketchQuery(observation: Observation): unknown {
  const { shape, operationName, principal, source } = observation;
  return {
    source,
    operation: operationName === null ? null : safeName(operationName),
    type: shape.operationType,
    role: safeName(principal.role),
    roots: shape.rootFields.slice(0, MAX_FIELDS).map(safePath),
    selected: shape.fields.slice(0, MAX_SELECTED).map(safePath),
    shape: shape.features,
    arguments: observation.arguments.slice(0, MAX_ARGUMENTS).map(sketchArgument),
    errors: observation.errorCount,
  };
}

const PAGING = /(?:^|\.)(?:limit|offset|first|last|page|page_?size)$/i;

function sketchArgument({ path, value }: ArgumentValue): unknown {
  const name = safePath(path);
  if (typeof value === 'string') {
    const kind = hiddenKind(path);
    return { path: name, value: `[${kind ?? 'text'} of ${value.length} characters]` };
  }
  if (typeof value !== 'number') return { path: name, value };
  const digits = String(Math.trunc(Math.abs(value))).length;
  return { path: name, value: PAGING.test(path) ? roundedNumber(value) : `[number of ${digits} digits]` };
}

/** A finding about a query, its caller or a dataset as a whole. */
export function sketchFinding(finding: Finding, observation: Observation, known: ReadonlySet<string>): unknown {
  const said = safeReason(finding, observation, known);
  const evidence = finding.fields
    .slice(0, MAX_EVIDENCE)
    .map((field) => ({ field: evidencePath(finding, field, known) }));
  return {
    finding: finding.kind,
    meaning: FINDING_KINDS[finding.kind].text,
    severity: finding.severity,
    p: finding.p === null ? null : roundedNumber(finding.p),
    ...(said !== null && { said }),
    ...(evidence.length > 0 && { evidence }),
  };
}

function evidencePath(finding: Finding, field: FieldEvidence, known: ReadonlySet<string>): string {
  return 'dataset' in finding.subject
    ? safeColumnPath(finding.subject.dataset, field.path, known)
    : safePath(field.path);
}
