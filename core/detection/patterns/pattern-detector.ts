import type { Finding } from '../../domain/finding.ts';
import type { Observation } from '../../domain/observation.ts';
import { DAY } from '../../domain/time.ts';
import { aliasAmplification } from './alias-amplification.ts';
import { bulkLookup, bulkRead } from './bulk-read.ts';
import { burst } from './burst.ts';
import { idEnumeration } from './id-enumeration.ts';
import { injectionProbe } from './injection-probe.ts';
import { introspection } from './introspection.ts';
import { newField } from './new-field.ts';
import { newShape } from './new-shape.ts';
import type { PatternDetector } from './pattern-context.ts';
import type { Profiles, RequestProfiles } from './profiles.ts';
import { resultSize } from './result-size.ts';
import { unusualHour } from './unusual-hour.ts';
import { unusualStructure } from './unusual-structure.ts';

export interface PatternOptions {
  /** Rate of clean requests that may be raised, 0–1; 0.01 by default. */
  readonly alpha?: number;
  /** A role is known after so many requests … */
  readonly learningRequests?: number;
  /** … and so many milliseconds since its first: a day by default, so that a nightly job has been seen once. */
  readonly learningMs?: number;
}

export interface QueryPatternDetector {
  /** What is unusual about a request and its caller. Changes nothing; call `Profiles.learn` afterwards. */
  examine(observation: Observation, profiles: Profiles): Finding[];
}

/** Both look at the keys a caller asks for, and share one rate. */
const askedKeys: PatternDetector = (context) => {
  const shared = { ...context, measuredRate: context.measuredRate / 2 };
  return [...idEnumeration(shared), ...bulkLookup(shared)];
};

const MEASURED: readonly PatternDetector[] = [
  unusualStructure,
  resultSize,
  bulkRead,
  askedKeys,
  burst,
  unusualHour,
  aliasAmplification,
];
/** These depend on each other (a new field makes a new shape), so they share one rate undivided. */
const NOVELTIES: readonly PatternDetector[] = [newShape, newField, introspection];
/** Not statistics: what they find is wrong in itself. */
const EVENTS: readonly PatternDetector[] = [injectionProbe];

/**
 * Query-pattern and caller detection: compares a request with what its role, its caller and its shape usually do.
 * Half of alpha is for novelties; the other half is divided among the measurements (Bonferroni), so that their number
 * does not raise the rate of false alarms.
 */
export function createPatternDetector(options: PatternOptions = {}): QueryPatternDetector {
  const alpha = options.alpha ?? 0.01;
  const learningRequests = options.learningRequests ?? 50;
  const learningMs = options.learningMs ?? DAY;
  const detectors = [...NOVELTIES, ...MEASURED, ...EVENTS];

  const roleIsKnown = ({ role }: RequestProfiles, observation: Observation): boolean =>
    role !== undefined && role.requests >= learningRequests && observation.at - role.firstAt >= learningMs;

  return {
    examine(observation, profiles) {
      if (observation.killed) return [];
      const found = profiles.profilesFor(observation);
      const context = {
        ...found,
        observation,
        roleIsKnown: roleIsKnown(found, observation),
        noveltyRate: alpha / 2,
        measuredRate: alpha / 2 / MEASURED.length,
      };
      return detectors.flatMap((detect) => detect(context));
    },
  };
}
