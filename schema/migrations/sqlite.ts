import { Initial } from './sqlite/0001-initial.ts';
import { Analyst } from './sqlite/0002-analyst.ts';
import { KillSwitch } from './sqlite/0003-kill-switch.ts';
import { Labels } from './sqlite/0004-labels.ts';
import { Entities } from './sqlite/0005-entities.ts';
import { Evaluations } from './sqlite/0006-evaluations.ts';
import { TrainingCause } from './sqlite/0007-training-cause.ts';
import { SeverityRank } from './sqlite/0008-severity-rank.ts';
import { RuleReach } from './sqlite/0009-rule-reach.ts';
import { ErroringRules } from './sqlite/0010-erroring-rules.ts';
import { ArgumentFacts } from './sqlite/0011-argument-facts.ts';
import { ModelLife } from './sqlite/0012-model-life.ts';

/** Applied in this order, forward only; a name never changes once released. */
export const SQLITE_MIGRATIONS = [
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
