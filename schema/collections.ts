import type { Catalogue, CollectionDef } from './catalogue.ts';
import { analystOpinions } from './entities/analyst-opinion.ts';
import { analystStatus } from './entities/analyst-status.ts';
import { anomalyAnalyses } from './entities/anomaly-analysis.ts';
import { anomalyFields } from './entities/anomaly-field.ts';
import { anomalyDaily, anomalyRecords, queryConcerns, statisticalFlags } from './entities/anomaly-record.ts';
import { fieldStatistics, valueDistributions } from './entities/field-statistic.ts';
import { historicalData } from './entities/historical-data.ts';
import { killSwitchInstances } from './entities/kill-switch-instance.ts';
import { killSwitchRuleStates } from './entities/kill-switch-rule-state.ts';
import { killSwitchRuleAudit, killSwitchRules, RULE_OBJECTS } from './entities/kill-switch-rule.ts';
import { queryFeatures, queryPatterns } from './entities/query-pattern.ts';
import { recommendations } from './entities/recommendation.ts';
import { requestLog } from './entities/request-log.ts';
import { killSwitchHits, queryHourly, queryStats, trafficMetrics } from './entities/traffic-metric.ts';
import { trainedModels } from './entities/trained-model.ts';

/** What is published, in the order in which it is listed everywhere. */
const PUBLISHED: readonly CollectionDef[] = [
  anomalyAnalyses,
  anomalyRecords,
  anomalyFields,
  anomalyDaily,
  statisticalFlags,
  queryConcerns,
  recommendations,
  fieldStatistics,
  valueDistributions,
  historicalData,
  trainedModels,
  queryPatterns,
  queryFeatures,
  queryStats,
  queryHourly,
  requestLog,
  trafficMetrics,
  killSwitchRules,
  killSwitchRuleAudit,
  killSwitchRuleStates,
  killSwitchHits,
  killSwitchInstances,
  analystOpinions,
  analystStatus,
];

export const CATALOGUE: Catalogue = {
  collections: new Map(PUBLISHED.map((collection) => [collection.name, collection])),
  objects: new Map(RULE_OBJECTS.map((object) => [object.name, object])),
};
