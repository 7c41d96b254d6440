import { AnalystOpinion } from './entities/analyst-opinion.ts';
import { AnalystStatus } from './entities/analyst-status.ts';
import { AnomalyAnalysis } from './entities/anomaly-analysis.ts';
import { AnomalyField } from './entities/anomaly-field.ts';
import { AnomalyRecord } from './entities/anomaly-record.ts';
import { ApiToken } from './entities/api-token.ts';
import { FieldStatistic } from './entities/field-statistic.ts';
import { HistoricalData } from './entities/historical-data.ts';
import { HistoryBlock } from './entities/history-block.ts';
import { KillSwitchInstance } from './entities/kill-switch-instance.ts';
import { KillSwitchRevision, KillSwitchRule, KillSwitchRuleAudit } from './entities/kill-switch-rule.ts';
import { QueryPattern } from './entities/query-pattern.ts';
import { Recommendation } from './entities/recommendation.ts';
import { RequestLog } from './entities/request-log.ts';
import { SeenKey } from './entities/seen-key.ts';
import { Setting } from './entities/setting.ts';
import { TrafficMetric } from './entities/traffic-metric.ts';
import { TrainedModel } from './entities/trained-model.ts';
import { TrainingClaim } from './entities/training-claim.ts';

/** Every table of the store, parents before children. */
export const ENTITIES = [
  QueryPattern,
  RequestLog,
  AnomalyAnalysis,
  AnomalyRecord,
  AnomalyField,
  FieldStatistic,
  Recommendation,
  AnalystOpinion,
  AnalystStatus,
  HistoricalData,
  HistoryBlock,
  TrainedModel,
  TrainingClaim,
  SeenKey,
  TrafficMetric,
  KillSwitchRule,
  KillSwitchRuleAudit,
  KillSwitchRevision,
  KillSwitchInstance,
  ApiToken,
  Setting,
] as const;
