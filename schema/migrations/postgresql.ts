import { Initial } from './postgresql/0001-initial.ts';
import { Analyst } from './postgresql/0002-analyst.ts';
import { KillSwitch } from './postgresql/0003-kill-switch.ts';
import { Labels } from './postgresql/0004-labels.ts';
import { Entities } from './postgresql/0005-entities.ts';
import { Evaluations } from './postgresql/0006-evaluations.ts';
import { TrainingCause } from './postgresql/0007-training-cause.ts';
import { SeverityRank } from './postgresql/0008-severity-rank.ts';
import { RuleReach } from './postgresql/0009-rule-reach.ts';
import { ErroringRules } from './postgresql/0010-erroring-rules.ts';
import { ArgumentFacts } from './postgresql/0011-argument-facts.ts';
import { ModelLife } from './postgresql/0012-model-life.ts';

/** Applied in this order, forward only; a name never changes once released. */
export const POSTGRESQL_MIGRATIONS = [
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
