import type { Finding, FindingKind } from '../domain/finding.ts';

/** What a person can do about each kind of finding. One sentence, said once per analysis. */
const ADVICE: Readonly<Record<FindingKind, string>> = {
  unusual_value: 'Check the flagged records at their source; label them expected if they are right.',
  unusual_combination: 'Check the flagged records at their source; label them expected if they are right.',
  distribution_change: 'Find out whether the data or its meaning changed on purpose; label the finding expected if so.',
  drift: 'Find out what changed; if it was on purpose, label the findings about it expected.',
  schema_change: 'Find out whether the source or its metadata changed on purpose.',
  new_shape: 'Find out who introduced this query for the role.',
  unusual_structure: 'Find out who sent this query; consider a depth or size limit for the role.',
  new_field: 'Check that the role is meant to read this field.',
  personal_data_access:
    'Check that the role may read personal data; consider a kill-switch rule that strips the field.',
  result_size: 'Check the filter and limit of this query.',
  bulk_read: 'Talk to the caller or limit the role; consider a kill-switch rule for this user.',
  id_enumeration: 'Consider a kill-switch rule for this user; check that keys can be read only by those who own them.',
  burst: 'Check the calling program for a loop; consider a rate limit.',
  unusual_hour: 'Ask the caller whether this was them.',
  introspection: 'Switch introspection off for roles that have no need of it.',
  injection_probe: 'Treat the caller as hostile until shown otherwise; consider a kill-switch rule.',
  alias_amplification: 'Limit aliases per query for the role.',
  model_opinion: 'Read the opinion and check what it names at its source.',
};

export function recommendationsFor(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map((finding) => ADVICE[finding.kind]))];
}
