import { callerName, shortName } from '../detection/patterns/pattern-context.ts';
import { withoutPersonalValues } from '../detection/personal-data/personal-values.ts';
import type { Finding } from '../domain/finding.ts';
import type { Observation } from '../domain/observation.ts';
import { isSafeName, safeColumnPath } from './redaction.ts';

const MAX_REASON = 300;

/**
 * A finding's sentence as it may leave: the caller unnamed, quoted values out, no sentence at all where it would name
 * something that must not be named. The kind's own meaning then has to do.
 */
export function safeReason(finding: Finding, observation: Observation, known: ReadonlySet<string>): string | null {
  // About a record the sentence quotes its values; the evidence is sent instead, cell by cell.
  if (finding.subject.kind === 'record') return null;
  const text = finding.reason.replaceAll(callerName(observation), 'the caller');
  const namesUnsafe = unsafeNames(finding, observation, known).some(
    (name) => text.includes(name) || text.includes(shortName(name)),
  );
  if (namesUnsafe || namesUnknownColumn(finding, text, known)) return null;
  const clean = withoutPersonalValues(text)
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '[text]')
    .replaceAll(/\d{6,}/g, (digits) => `[${digits.length} digits]`);
  return clean.length <= MAX_REASON ? clean : `${clean.slice(0, MAX_REASON - 1)}…`;
}

function unsafeNames(finding: Finding, observation: Observation, known: ReadonlySet<string>): string[] {
  const { principal, operationName, shape } = observation;
  const dotted = [...shape.rootFields, ...shape.fields, ...observation.arguments.map(({ path }) => path)];
  const names = [principal.role, operationName ?? '', ...dotted.flatMap((path) => path.split('.'))];
  const columns = observation.datasets.flatMap(({ name, columns }) =>
    columns.filter(({ path }) => safeColumnPath(name, path, known) !== path).map(({ path }) => path),
  );
  const evidence = finding.fields.map(({ path }) => path).filter((path) => !path.split('.').every(isSafeName));
  return [...names.filter((name) => name !== '' && !isSafeName(name)), ...columns, ...evidence];
}

/** "column x is new", "column y has vanished": a column that the query does not select is a key in the data. */
function namesUnknownColumn(finding: Finding, text: string, known: ReadonlySet<string>): boolean {
  if (finding.kind !== 'schema_change' || finding.subject.kind !== 'dataset') return false;
  const { dataset } = finding.subject;
  return text.split('; ').some((part) => {
    const column = /^column (.+) (?:is new|is now|has vanished)/.exec(part)?.[1];
    return column === undefined || !known.has(`${dataset}.${column}`);
  });
}
