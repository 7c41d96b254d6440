import type { Finding, FindingKind } from '../../domain/finding.ts';
import type { ArgumentValue, Observation } from '../../domain/observation.ts';
import { recordCountOf } from '../../domain/observation.ts';
import type { QueryFeatures, Source } from '../../domain/query-shape.ts';
import type { Instant } from '../../domain/time.ts';
import { type Entities, entitiesOf } from './entities.ts';

/**
 * What one request teaches: a row of the request log. Live observation and replay at start both go through it, so that
 * a rebuilt profile is the profile that was lost.
 */
export interface LoggedRequest {
  readonly at: Instant;
  readonly source: Source;
  readonly role: string;
  readonly userId: string | null;
  readonly queryId: string;
  readonly rootFields: readonly string[];
  readonly fields: readonly string[];
  readonly records: number;
  readonly features: QueryFeatures;
  /** What the response showed; absent in a row of the log, which has `newEntities` instead. */
  readonly entities?: Entities;
  /** How many of the records the caller had not read within the hour. */
  readonly newEntities?: number;
  /**
   * Argument values; absent in a row of the log, which leaves them out by default. Without them the number of requests
   * of a shape stands in for the number of keys it asked for.
   */
  readonly arguments?: readonly ArgumentValue[];
  /** Kinds this request was flagged for: what it must not teach. */
  readonly flagged?: readonly FindingKind[];
  /** A kill-switch rule refused it: it teaches nothing. */
  readonly killed?: boolean;
}

export function loggedRequestOf(observation: Observation, findings: readonly Finding[] = []): LoggedRequest {
  return {
    at: observation.at,
    source: observation.source,
    role: observation.principal.role,
    userId: observation.principal.userId,
    queryId: observation.shape.id,
    rootFields: observation.shape.rootFields,
    fields: observation.shape.fields,
    records: recordCountOf(observation),
    features: observation.shape.features,
    entities: entitiesOf(observation),
    arguments: observation.arguments,
    flagged: findings.map((finding) => finding.kind),
    killed: observation.killed,
  };
}
