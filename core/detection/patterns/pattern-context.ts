import type { FieldEvidence, Finding, FindingKind, SeenKey, Subject } from '../../domain/finding.ts';
import type { Observation } from '../../domain/observation.ts';
import type { Severity } from '../../domain/severity.ts';
import { SEVERITIES } from '../../domain/severity.ts';
import { personalKindOf } from '../personal-data/personal-names.ts';
import { personalKindOfCells } from '../personal-data/personal-values.ts';
import type { RequestProfiles } from './profiles.ts';

/** What every pattern detector is given. */
export interface PatternContext extends RequestProfiles {
  readonly observation: Observation;
  /** The role has shown enough for "never" to mean something. */
  readonly roleIsKnown: boolean;
  /** Largest probability of a novelty that is worth reporting. */
  readonly noveltyRate: number;
  /** Largest p-value of a measurement that is worth reporting. */
  readonly measuredRate: number;
}

export type PatternDetector = (context: PatternContext) => readonly Finding[];

/** Kinds a pattern detector may find. */
export type PatternKind = Exclude<
  FindingKind,
  'unusual_value' | 'unusual_combination' | 'distribution_change' | 'drift' | 'schema_change' | 'model_opinion'
>;

/** How much each kind matters by itself, and whether more when the request reads personal data. */
const SEVERITY: Readonly<Record<PatternKind, { readonly base: Severity; readonly raisedByPersonalData: boolean }>> = {
  new_shape: { base: 'low', raisedByPersonalData: true },
  unusual_structure: { base: 'medium', raisedByPersonalData: false },
  new_field: { base: 'low', raisedByPersonalData: false },
  personal_data_access: { base: 'high', raisedByPersonalData: false },
  result_size: { base: 'medium', raisedByPersonalData: true },
  bulk_read: { base: 'medium', raisedByPersonalData: true },
  id_enumeration: { base: 'high', raisedByPersonalData: true },
  burst: { base: 'medium', raisedByPersonalData: false },
  unusual_hour: { base: 'medium', raisedByPersonalData: true },
  introspection: { base: 'low', raisedByPersonalData: false },
  injection_probe: { base: 'high', raisedByPersonalData: false },
  alias_amplification: { base: 'high', raisedByPersonalData: false },
};

export function severityOf(kind: PatternKind, observation: Observation): Severity {
  const { base, raisedByPersonalData } = SEVERITY[kind];
  return raisedByPersonalData && readsPersonalData(observation) ? raised(base) : base;
}

function raised(severity: Severity): Severity {
  return SEVERITIES[SEVERITIES.indexOf(severity) + 1] ?? severity;
}

/** By the name of a field asked for, or by the form of the values that came back. */
function readsPersonalData({ shape, datasets }: Observation): boolean {
  return (
    shape.fields.some((field) => personalKindOf(field) !== null) ||
    datasets.some(({ columns }) => columns.some(({ cells }) => personalKindOfCells(cells) !== null))
  );
}

interface PatternFinding {
  readonly kind: PatternKind;
  readonly subject: Subject['kind'] & ('query' | 'caller');
  readonly p: number | null;
  readonly reason: string;
  readonly fields?: readonly FieldEvidence[];
  readonly firstSeen?: SeenKey;
}

/** A finding with its severity and score; the score is 1 − p on the scale of orders of magnitude, 0–1. */
export function patternFinding(observation: Observation, found: PatternFinding): Finding {
  return {
    kind: found.kind,
    subject: { kind: found.subject },
    severity: severityOf(found.kind, observation),
    p: found.p,
    score: found.p === null ? null : scoreOf(found.p),
    reason: found.reason,
    fields: found.fields ?? [],
    ...(found.firstSeen === undefined ? {} : { firstSeen: found.firstSeen }),
  };
}

/** p = 1 → 0, p = 0.001 → 0.5, p ≤ 0.000001 → 1. */
function scoreOf(p: number): number {
  return Math.min(1, Math.max(0, -Math.log10(Math.max(p, 1e-6)) / 6));
}

/** "user 17" or "role support" as the subject of a sentence. */
export function callerName({ principal }: Observation): string {
  return principal.userId === null ? `role ${shortName(principal.role)}` : `user ${shortName(principal.userId)}`;
}

/** A name of the request's making, cut so that a sentence stays a sentence. */
export function shortName(name: string): string {
  return name.length <= 60 ? name : `${name.slice(0, 59)}…`;
}

/** The scope within which something is new: a role of one source. */
export function roleScope({ source, principal }: Observation): string {
  return `${source}:${principal.role}`;
}

const INTEGERS = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export function formatCount(value: number): string {
  return INTEGERS.format(value);
}

/** `1 shape`, `1,080 shapes`. */
export function countOf(value: number, noun: string): string {
  return `${formatCount(value)} ${value === 1 ? noun : `${noun}s`}`;
}
