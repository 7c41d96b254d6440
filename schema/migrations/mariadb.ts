import { Initial } from './mariadb/0001-initial.ts';
import { Analyst } from './mariadb/0002-analyst.ts';
import { KillSwitch } from './mariadb/0003-kill-switch.ts';
import { Labels } from './mariadb/0004-labels.ts';
import { Entities } from './mariadb/0005-entities.ts';
import { Evaluations } from './mariadb/0006-evaluations.ts';
import { TrainingCause } from './mariadb/0007-training-cause.ts';
import { SeverityRank } from './mariadb/0008-severity-rank.ts';
import { RuleReach } from './mariadb/0009-rule-reach.ts';
import { ErroringRules } from './mariadb/0010-erroring-rules.ts';
import { ArgumentFacts } from './mariadb/0011-argument-facts.ts';
import { ModelLife } from './mariadb/0012-model-life.ts';

/** Applied in this order, forward only; a name never changes once released. */
export const MARIADB_MIGRATIONS = [
  { name: '0001-initial', class: Initial },
  { name: '0002-analyst', class: Analyst },
  { name: '0003-kill-switch', class: KillSwitch },
  { name: '0004-labels', class: Labels },
  { name: '0005-entities', class: Entities },
  { name: '0006-evaluations', class: Evaluations },
  { name: '0007-training-cause', class: TrainingCause },
  { name: '0008-severity-rank', class: SeverityRank },
  { name: '0009-rule-reach', class: RuleReach },
  { name: '0010-erroring-rules', class: ErroringRules },
  { name: '0011-argument-facts', class: ArgumentFacts },
  { name: '0012-model-life', class: ModelLife },
];
