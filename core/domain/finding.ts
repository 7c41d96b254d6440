import type { Severity } from './severity.ts';

/** What a finding is about. */
export type Subject =
  | { readonly kind: 'record'; readonly dataset: string; readonly index: number }
  | { readonly kind: 'dataset'; readonly dataset: string }
  | { readonly kind: 'query' }
  | { readonly kind: 'caller' };

/** The original plugin's categories, published as `anomaly_records.category`. */
export const CATEGORIES = [
  'unusual_combination',
  'size_anomaly',
  'range_violation',
  'security_concern',
  'business_logic',
] as const;

export type Category = (typeof CATEGORIES)[number];

/**
 * Every kind of finding, with the original's category and one sentence of what it says. A kind is a published name
 * (`anomaly_records.kind`); adding one is adding a line here.
 */
export const FINDING_KINDS = {
  unusual_value: { category: 'range_violation', text: 'A field of the record lies outside what is usual.' },
  unusual_combination: { category: 'unusual_combination', text: 'Each field is usual, together they are not.' },
  distribution_change: { category: 'range_violation', text: 'A column as a whole differs from its history.' },
  drift: { category: 'range_violation', text: 'What arrives no longer fits what was learnt.' },
  schema_change: { category: 'business_logic', text: 'A column appeared, vanished or changed its type.' },
  new_shape: { category: 'security_concern', text: 'This role never sent a query of this shape.' },
  unusual_structure: { category: 'security_concern', text: "The query's structure is unusual for the role." },
  new_field: { category: 'security_concern', text: 'This role never read this field.' },
  personal_data_access: {
    category: 'security_concern',
    text: 'This role never read this field, which holds personal data.',
  },
  result_size: { category: 'size_anomaly', text: 'The number of records is out of range for this query.' },
  bulk_read: { category: 'size_anomaly', text: 'The caller reads far more than is usual for the role.' },
  id_enumeration: { category: 'security_concern', text: 'The caller sweeps through keys one after another.' },
  burst: { category: 'security_concern', text: 'The caller sends far more requests than is usual.' },
  unusual_hour: { category: 'security_concern', text: 'The caller is not usually active at this hour.' },
  introspection: { category: 'security_concern', text: 'This caller never asked for the schema before.' },
  injection_probe: { category: 'security_concern', text: 'An argument looks like an injection attempt.' },
  alias_amplification: { category: 'security_concern', text: 'One field is asked for many times under aliases.' },
  model_opinion: { category: 'security_concern', text: 'The language model, asked for a second opinion, says so.' },
} as const satisfies Record<string, { category: Category; text: string }>;

export type FindingKind = keyof typeof FINDING_KINDS;

/** One field that explains a flagged record; published as a row of `anomaly_fields`. */
export interface FieldEvidence {
  readonly path: string;
  /** Redacted text of the observed value. */
  readonly value: string | null;
  /** Share of the explanation, 0–1; the fields of one finding sum to at most 1. */
  readonly contribution: number;
  /** Probability of a value at least this unusual in this field alone, 0–1. */
  readonly tailProbability: number;
  /** Usual range of a numeric field: training 1 %, 50 % and 99 % points. */
  readonly usual?: { readonly low: number; readonly median: number; readonly high: number };
  /** Share of training records with this very value, 0–1, for a categorical field. */
  readonly frequency?: number;
  /** In which way the value is unusual, equal for values that are so alike: `value:above:5`. Not shown to anybody. */
  readonly valueClass?: string;
  /** The sentence shown to people: "total 98,400, usually 12–940". */
  readonly text: string;
}

/** What a detector says. The analyst returns the same type. */
export interface Finding {
  readonly kind: FindingKind;
  /** Where it differs from the kind's: the language model names one itself. */
  readonly category?: Category;
  readonly subject: Subject;
  readonly severity: Severity;
  /** Calibrated p-value, 0–1; null where the finding is an event and not a measurement. */
  readonly p: number | null;
  /** Anomaly score, 0–1, higher = stranger; null where there is none. */
  readonly score: number | null;
  /** One sentence for people, with the numbers that led to it; no raw personal data. */
  readonly reason: string;
  readonly fields: readonly FieldEvidence[];
  /** What it has in common with its repeats (core/detection/finding-pattern.ts): a label holds for all of them. */
  readonly pattern?: string;
  /**
   * The finding holds only if inserting this key as "seen for the first time" wins: two instances that see a shape
   * first at the same moment then report it once.
   */
  readonly firstSeen?: SeenKey;
}

/** Something that can be new exactly once: a shape for a role, a field for a role, an hour for a user. */
export interface SeenKey {
  readonly kind: string;
  readonly scope: string;
  readonly value: string;
}
