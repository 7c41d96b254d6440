import type { Finding } from '../../../../core/domain/finding.ts';
import type { ArgumentValue, Dataset, Observation } from '../../../../core/domain/observation.ts';
import type { QueryFeatures, Source } from '../../../../core/domain/query-shape.ts';
import { queryIdOf } from '../../../../core/domain/query-shape.ts';
import { DAY, HOUR, MINUTE } from '../../../../core/domain/time.ts';
import { loggedRequestOf } from '../../../../core/detection/patterns/logged-request.ts';
import type { PatternOptions } from '../../../../core/detection/patterns/pattern-detector.ts';
import { createPatternDetector } from '../../../../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../../../../core/detection/patterns/profiles.ts';

/** Monday, 2 November 2026, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 10, 2);

export interface RequestSpec {
  readonly at: number;
  readonly source?: Source;
  readonly role?: string;
  readonly user?: string | null;
  readonly shape?: string;
  readonly fields?: readonly string[];
  readonly rootFields?: readonly string[];
  readonly records?: number;
  readonly features?: Partial<QueryFeatures>;
  readonly arguments?: readonly ArgumentValue[];
  readonly datasets?: readonly Dataset[];
  readonly killed?: boolean;
}

export function observationOf(spec: RequestSpec): Observation {
  const source = spec.source ?? 'graphql';
  const role = spec.role ?? 'support';
  const fields = spec.fields ?? ['customers.customerId', 'customers.city'];
  const rootFields = spec.rootFields ?? ['customers'];
  const shape = spec.shape ?? 'list customers';
  return {
    id: '018f0000-0000-7000-8000-000000000000',
    at: spec.at,
    receivedAt: spec.at,
    source,
    deliveryKey: `${spec.at}`,
    traceId: null,
    requestId: null,
    principal: { role, userId: spec.user === undefined ? '17' : spec.user, sessionVariables: new Map() },
    operationName: null,
    shape: {
      id: queryIdOf(source, shape),
      text: shape,
      operationType: 'query',
      rootFields,
      fields,
      features: {
        queryLength: 80,
        depth: 2,
        fields: fields.length,
        arguments: 1,
        variables: 0,
        hasPagination: true,
        hasFiltering: false,
        hasSorting: false,
        complexityScore: 10,
        aliases: 0,
        rootFields: rootFields.length,
        introspection: false,
        ...spec.features,
      },
    },
    queryHash: '0',
    arguments: spec.arguments ?? [],
    datasets: spec.datasets ?? [
      {
        name: rootFields[0] ?? 'customers',
        recordCount: spec.records ?? 10,
        columns: [],
        droppedRecords: 0,
        droppedColumns: 0,
      },
    ],
    errorCount: 0,
    killed: spec.killed ?? false,
  };
}

/** A detector with its profiles, as the service runs them: examine first, learn after. */
export function createScenario(options: PatternOptions = {}) {
  const detector = createPatternDetector(options);
  const profiles = createProfiles();
  const send = (spec: RequestSpec): Finding[] => {
    const observation = observationOf(spec);
    const findings = detector.examine(observation, profiles);
    profiles.learn(loggedRequestOf(observation, findings));
    return findings;
  };
  return { detector, profiles, send, kinds: (spec: RequestSpec) => send(spec).map((finding) => finding.kind) };
}

export type Scenario = ReturnType<typeof createScenario>;

/**
 * Two weeks of a support desk: three users, working days 8:00–17:00, some 4 requests per user and hour.
 * Returns everything found on the way; the next instant is Monday 9:00 of the third week.
 */
export function teachSupportDesk(scenario: Scenario, weeks = 2): Finding[] {
  const found: Finding[] = [];
  for (let day = 0; day < weeks * 7; day++) {
    if (day % 7 >= 5) continue;
    for (let minute = 8 * 60; minute < 17 * 60; minute += 5) {
      const at = MONDAY + day * DAY + minute * MINUTE;
      found.push(
        ...scenario.send({ at, user: String(17 + ((minute / 5) % 3)), records: 5 + ((minute * 7 + day) % 11) }),
      );
    }
  }
  return found;
}

export const THIRD_MONDAY = MONDAY + 14 * DAY + 9 * HOUR;
