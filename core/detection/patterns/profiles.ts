import type { Observation } from '../../domain/observation.ts';
import { asksOnlyForSchema, type QueryFeatures, type Source } from '../../domain/query-shape.ts';
import type { Instant } from '../../domain/time.ts';
import { BoundedMap } from '../bounded-map.ts';
import { addDistinct, createDistinctCount, type DistinctCount, newDistinct, resetDistinct } from './distinct-count.ts';
import { entitiesOf } from './entities.ts';
import type { HourProfile } from './hour-profile.ts';
import { createHourProfile, noteActivity } from './hour-profile.ts';
import { keysByArgument } from './key-runs.ts';
import { createSweep, type KeySweep, learnSweep, sweptOn } from './key-sweep.ts';
import { learnAmount } from './learn-amount.ts';
import type { LoggedRequest } from './logged-request.ts';
import { lookupsOf } from './lookups.ts';
import type { Sample } from './sample.ts';
import { createSample } from './sample.ts';
import type { SeenTable } from './seen-table.ts';
import { createSeenTable, noteSeen } from './seen-table.ts';
import type { KeyWindow, Total } from './windows.ts';
import {
  addKeys,
  addToTotal,
  BURST_WINDOW_MS,
  createKeyWindow,
  createTotal,
  isWithin,
  READ_WINDOW_MS,
  rollKeyWindow,
  wasFlagged,
} from './windows.ts';

/** The structural counts whose usual range is learnt per role. */
export const STRUCTURE_FEATURES = ['depth', 'fields', 'arguments', 'queryLength', 'rootFields', 'aliases'] as const;
export type StructureFeature = (typeof STRUCTURE_FEATURES)[number];

/** What a role of one source usually does. */
export interface RoleProfile {
  requests: number;
  readonly firstAt: Instant;
  readonly shapes: SeenTable;
  readonly fields: SeenTable;
  readonly structure: Readonly<Record<StructureFeature, Sample>>;
  /** Different records read per caller and hour. */
  readonly recordsPerHour: Sample;
  /** Different keys asked for per caller and hour. */
  readonly lookupsPerHour: Sample;
  /** Requests per caller and active minute. */
  readonly requestsPerMinute: Sample;
  /** Longest run of keys per caller, argument and quarter of an hour. */
  readonly keyRuns: Sample;
  /** Steps of each caller's sweeps through the keys of an argument, however slow. */
  readonly keySweeps: Sample;
  readonly hours: HourProfile;
  introspections: number;
}

/** What one user of one source and role usually does. Requests without a user id share the role's nameless caller. */
export interface CallerProfile {
  requests: number;
  readonly firstAt: Instant;
  /** Different records read within the hour. */
  readonly records: Total;
  readonly entities: DistinctCount;
  /** Different keys asked for within the hour. */
  readonly lookups: Total;
  readonly lookedUp: DistinctCount;
  readonly minute: Total;
  readonly keys: BoundedMap<KeyWindow>;
  /** The sweep that goes on, by argument. */
  readonly sweeps: BoundedMap<KeySweep>;
  readonly recordsPerHour: Sample;
  readonly lookupsPerHour: Sample;
  readonly requestsPerMinute: Sample;
  readonly hours: HourProfile;
  introspections: number;
}

/** The profiles a request is compared with; undefined where nothing was seen yet. */
export interface RequestProfiles {
  readonly role: RoleProfile | undefined;
  readonly caller: CallerProfile | undefined;
  /** Result sizes of this shape for this role, and of the same root fields: the ladder for shapes seen once. */
  readonly shapeSizes: Sample | undefined;
  readonly rootSizes: Sample | undefined;
  /** Records of the response that the caller had not read within the hour. */
  readonly newEntities: number;
  /** Keys asked for that the caller had not asked for within the hour. */
  readonly newLookups: number;
}

export interface ProfileLimits {
  readonly roles: number;
  readonly callers: number;
  /** Result-size samples: one per (role, shape) and per (role, root fields). */
  readonly sizes: number;
}

export const DEFAULT_PROFILE_LIMITS: ProfileLimits = { roles: 200, callers: 2_000, sizes: 4_000 };

export interface Profiles {
  profilesFor(observation: Observation): RequestProfiles;
  /** The only way a profile changes. Call it after the request was examined, in order of event time. */
  learn(request: LoggedRequest): void;
}

/** An empty container of profiles: bounded, least recently used forgotten first, plain data inside. */
export function createProfiles(limits: ProfileLimits = DEFAULT_PROFILE_LIMITS): Profiles {
  const roles = new BoundedMap<RoleProfile>(limits.roles);
  const callers = new BoundedMap<CallerProfile>(limits.callers);
  const sizes = new BoundedMap<Sample>(limits.sizes);

  return {
    profilesFor(observation) {
      const { source, shape, principal } = observation;
      const role = roleKey(source, principal.role);
      const caller = callers.peek(callerKey(role, principal.userId));
      const isOpen = (total: Total): boolean => isWithin(total, observation.at, READ_WINDOW_MS);
      const keyed = { source, features: shape.features, arguments: observation.arguments };
      return {
        role: roles.peek(role),
        caller,
        newEntities: newDistinct(
          caller && isOpen(caller.records) ? caller.entities : undefined,
          entitiesOf(observation),
        ),
        newLookups: newDistinct(caller && isOpen(caller.lookups) ? caller.lookedUp : undefined, lookupsOf(keyed)),
        shapeSizes: sizes.peek(shapeKey(role, shape.id)),
        rootSizes: sizes.peek(rootKey(role, shape.rootFields)),
      };
    },

    learn(request) {
      if (request.killed === true) return;
      const key = roleKey(request.source, request.role);
      const role = roles.use(key, () => createRoleProfile(request.at));
      const caller = callers.use(callerKey(key, request.userId), () => createCallerProfile(request.at));
      learnNames(role, request);
      learnStructure(role, request);
      learnTotals(role, caller, request);
      learnKeys(role, caller, request);
      learnHours(role, caller, request);
      for (const sizeKey of [shapeKey(key, request.queryId), rootKey(key, request.rootFields)]) {
        learnSize(
          sizes.use(sizeKey, () => createSample(SIZES_KEPT, LEAST_SCALE.size)),
          request,
        );
      }
    },
  };
}

const SIZES_KEPT = 256;
/** By quantity: how much of a change is ordinary even after a constant history (`Sample.leastScale`). */
const LEAST_SCALE = { structure: 0.05, aliases: 0.1, size: 0.15, window: 0.2 };
const ROLE_WINDOWS_KEPT = 512;
const CALLER_WINDOWS_KEPT = 128;
const SHAPES_KEPT = 2_000;
const FIELDS_KEPT = 4_000;
/** One request may not push everything else a role reads out of the table. */
const FIELDS_PER_REQUEST = 500;
const KEYED_ARGUMENTS_KEPT = 4;

// A name may hold any character, so the separator is one that JSON text and GraphQL names can't hold.
const SEPARATOR = '\u0000';
const roleKey = (source: Source, role: string): string => `${source}${SEPARATOR}${role}`;
const callerKey = (role: string, userId: string | null): string =>
  `${role}${SEPARATOR}${userId === null ? '' : `=${userId}`}`;
const shapeKey = (role: string, queryId: string): string => `${role}${SEPARATOR}shape${SEPARATOR}${queryId}`;
const rootKey = (role: string, rootFields: readonly string[]): string =>
  `${role}${SEPARATOR}roots${SEPARATOR}${rootFields.join(SEPARATOR)}`;

function createRoleProfile(at: Instant): RoleProfile {
  return {
    requests: 0,
    firstAt: at,
    shapes: createSeenTable(SHAPES_KEPT),
    fields: createSeenTable(FIELDS_KEPT),
    structure: {
      depth: createSample(SIZES_KEPT, LEAST_SCALE.structure),
      fields: createSample(SIZES_KEPT, LEAST_SCALE.structure),
      arguments: createSample(SIZES_KEPT, LEAST_SCALE.structure),
      queryLength: createSample(SIZES_KEPT, LEAST_SCALE.structure),
      rootFields: createSample(SIZES_KEPT, LEAST_SCALE.structure),
      aliases: createSample(SIZES_KEPT, LEAST_SCALE.aliases),
    },
    recordsPerHour: createSample(ROLE_WINDOWS_KEPT, LEAST_SCALE.window),
    lookupsPerHour: createSample(ROLE_WINDOWS_KEPT, LEAST_SCALE.window),
    requestsPerMinute: createSample(ROLE_WINDOWS_KEPT, LEAST_SCALE.window),
    keyRuns: createSample(ROLE_WINDOWS_KEPT, LEAST_SCALE.window),
    keySweeps: createSample(ROLE_WINDOWS_KEPT, LEAST_SCALE.window),
    hours: createHourProfile(),
    introspections: 0,
  };
}

function createCallerProfile(at: Instant): CallerProfile {
  return {
    requests: 0,
    firstAt: at,
    records: createTotal(),
    entities: createDistinctCount(),
    lookups: createTotal(),
    lookedUp: createDistinctCount(),
    minute: createTotal(),
    keys: new BoundedMap(KEYED_ARGUMENTS_KEPT),
    sweeps: new BoundedMap(KEYED_ARGUMENTS_KEPT),
    recordsPerHour: createSample(CALLER_WINDOWS_KEPT, LEAST_SCALE.window),
    lookupsPerHour: createSample(CALLER_WINDOWS_KEPT, LEAST_SCALE.window),
    requestsPerMinute: createSample(CALLER_WINDOWS_KEPT, LEAST_SCALE.window),
    hours: createHourProfile(),
    introspections: 0,
  };
}

function learnNames(role: RoleProfile, request: LoggedRequest): void {
  role.requests++;
  // The schema has a detector of its own; its deep, long document says nothing about the role's queries for data.
  if (asksOnlyForSchema(request)) return;
  noteSeen(role.shapes, request.queryId, request.at, wasFlagged(request.flagged, 'new_shape'));
  const reported = wasFlagged(request.flagged, 'new_field') || wasFlagged(request.flagged, 'personal_data_access');
  for (const field of request.fields.slice(0, FIELDS_PER_REQUEST)) noteSeen(role.fields, field, request.at, reported);
}

function learnStructure(role: RoleProfile, request: LoggedRequest): void {
  if (asksOnlyForSchema(request)) return;
  const flagged =
    wasFlagged(request.flagged, 'unusual_structure') || wasFlagged(request.flagged, 'alias_amplification');
  for (const feature of STRUCTURE_FEATURES) {
    learnAmount(role.structure[feature], structureOf(request.features, feature), request.at, flagged);
  }
}

export function structureOf(features: QueryFeatures, feature: StructureFeature): number {
  return features[feature];
}

function learnSize(sample: Sample, request: LoggedRequest): void {
  learnAmount(sample, request.records, request.at, wasFlagged(request.flagged, 'result_size'));
}

function learnTotals(role: RoleProfile, caller: CallerProfile, request: LoggedRequest): void {
  const { at, flagged } = request;
  const isBulk = wasFlagged(flagged, 'bulk_read');
  addToTotal(caller.records, at, newRecords(caller, request), READ_WINDOW_MS, isBulk, [
    caller.recordsPerHour,
    role.recordsPerHour,
  ]);
  addToTotal(caller.lookups, at, newLookups(caller, request), READ_WINDOW_MS, isBulk, [
    caller.lookupsPerHour,
    role.lookupsPerHour,
  ]);
  addToTotal(caller.minute, at, 1, BURST_WINDOW_MS, wasFlagged(flagged, 'burst'), [
    caller.requestsPerMinute,
    role.requestsPerMinute,
  ]);
}

/** Records the caller had not read within the hour; where the log did not count them, all of them. */
function newRecords({ records, entities }: CallerProfile, request: LoggedRequest): number {
  if (request.at >= records.start + READ_WINDOW_MS) resetDistinct(entities);
  if (request.entities !== undefined) return addDistinct(entities, request.entities);
  return request.newEntities ?? request.records;
}

/** Keys the caller had not asked for within the hour; where the log has no values, one for a request with arguments. */
function newLookups({ lookups, lookedUp }: CallerProfile, request: LoggedRequest): number {
  if (request.at >= lookups.start + READ_WINDOW_MS) resetDistinct(lookedUp);
  if (request.arguments === undefined) return request.features.arguments > 0 ? 1 : 0;
  return addDistinct(lookedUp, lookupsOf({ ...request, arguments: request.arguments }));
}

function learnKeys(role: RoleProfile, caller: CallerProfile, request: LoggedRequest): void {
  const { at } = request;
  const flagged = wasFlagged(request.flagged, 'id_enumeration');
  if (request.arguments === undefined) {
    if (request.features.arguments === 0) return;
    // No values in the log: the requests of the shape bound the keys they asked for.
    const window = caller.keys.use(request.queryId, () => createKeyWindow(at));
    rollKeyWindow(window, at, role.keyRuns);
    window.run++;
    window.flagged ||= flagged;
    const counted = caller.sweeps.peek(request.queryId);
    learnSweepOn(role, caller, { path: request.queryId, at, keys: [(counted?.last ?? 0) + 1], flagged });
    return;
  }
  for (const [path, keys] of keysByArgument({ ...request, arguments: request.arguments })) {
    const window = caller.keys.use(path, () => createKeyWindow(at));
    rollKeyWindow(window, at, role.keyRuns);
    addKeys(window, at, keys);
    window.flagged ||= flagged;
    learnSweepOn(role, caller, { path, at, keys, flagged });
  }
}

interface SweptKeys {
  readonly path: string;
  readonly at: Instant;
  readonly keys: readonly number[];
  readonly flagged: boolean;
}

function learnSweepOn(role: RoleProfile, caller: CallerProfile, { path, at, keys, flagged }: SweptKeys): void {
  const [first] = keys;
  if (first === undefined) return;
  const before = caller.sweeps.use(path, () => createSweep(first, at));
  const after = sweptOn(before, at, keys, (ended) => learnSweep(role.keySweeps, ended)) ?? before;
  Object.assign(before, after, { flagged: flagged || after.flagged });
}

function learnHours(role: RoleProfile, caller: CallerProfile, request: LoggedRequest): void {
  const flagged = wasFlagged(request.flagged, 'unusual_hour');
  caller.requests++;
  noteActivity(role.hours, request.at, flagged);
  noteActivity(caller.hours, request.at, flagged);
  if (!request.features.introspection) return;
  role.introspections++;
  caller.introspections++;
}
