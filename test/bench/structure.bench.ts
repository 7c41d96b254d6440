import { structureOf, STRUCTURE_FEATURES } from '../../core/detection/patterns/profiles.ts';
import { addToSample, createSample, largestOf, type Sample } from '../../core/detection/patterns/sample.ts';
import { upperTail } from '../../core/detection/patterns/upper-tail.ts';
import { createPrng, type Prng } from '../../core/detection/statistics/prng.ts';
import { type FeatureRow } from '../../core/detection/records/features/record-features.ts';
import { batchOfRows } from '../support/feature-rows.ts';
import { type RecordModel, scoreRecords, trainWithScores } from '../../core/detection/records/model/record-model.ts';
import { finish } from '../../core/domain/steps.ts';
import type { QueryFeatures } from '../../core/domain/query-shape.ts';

/**
 * The structure of queries, judged two ways over the same histories: by the tail tests of the service (one-sided, per
 * count, extrapolated) and by the detector of records (forest, neighbours and rarity over the counts together). Made-up
 * roles: each has some shapes that it sends with unequal frequency. Ordinary are those, and new ones of the same make; a
 * planted query is one and a quarter to three times as deep, broad or long as any of the role.
 */
const ROLES = 40;
const HISTORY = 256;
const FRESH = 500;
const PLANTED = 60;
/** What the service gives the test: half of α = 0.005 divided among seven measurements. */
const RATE = 0.005 / 2 / 7;

export async function run(): Promise<void> {
  const counts = { tails: { raised: 0, news: 0, found: 0 }, records: { raised: 0, news: 0, found: 0 } };
  for (let role = 0; role < ROLES; role++) {
    const prng = createPrng(`role ${role}`);
    const shapes = Array.from({ length: 4 + prng.integer(30) }, () => shapeOf(prng));
    const draw = () => shapes[Math.floor(shapes.length * prng.uniform() ** 2)] as QueryFeatures;
    const history = Array.from({ length: HISTORY }, draw);
    const fresh = Array.from({ length: FRESH }, draw);
    const news = Array.from({ length: FRESH }, () => shapeOf(prng));
    const planted = Array.from({ length: PLANTED }, () => enlarged(prng, shapes));
    const tails = tailTest(history);
    const model = modelOf(history, role);
    const byRecords = (queries: readonly QueryFeatures[]) =>
      scoreRecords(model, batchOfRows(queries.map(rowOf), 0)).pValues.filter((p) => p <= RATE).length;
    counts.tails.raised += fresh.filter((query) => tails(query) <= RATE).length;
    counts.tails.news += news.filter((query) => tails(query) <= RATE).length;
    counts.tails.found += planted.filter((query) => tails(query) <= RATE).length;
    counts.records.raised += byRecords(fresh);
    counts.records.news += byRecords(news);
    counts.records.found += byRecords(planted);
  }
  for (const [name, { raised, news, found }] of Object.entries(counts)) {
    const percent = (count: number, of: number) => ((100 * count) / (ROLES * of)).toFixed(2);
    console.log(
      `${name}: ${percent(raised, FRESH)} % of known and ${percent(news, FRESH)} % of new ordinary queries raised (rate ${(100 * RATE).toFixed(2)} %), ${percent(found, PLANTED)} % of the planted found`,
    );
  }
}

function shapeOf(prng: Prng): QueryFeatures {
  const fields = 3 + prng.integer(12);
  const depth = 2 + prng.integer(3);
  const count = prng.integer(5);
  return {
    queryLength: 40 + 14 * fields + 25 * count,
    depth,
    fields,
    arguments: count,
    variables: prng.integer(3),
    hasPagination: prng.uniform() < 0.5,
    hasFiltering: count > 1,
    hasSorting: prng.uniform() < 0.3,
    complexityScore: 2 * fields + 3 * depth + 1.5 * count,
    aliases: 0,
    rootFields: 1 + prng.integer(2),
    introspection: false,
  };
}

/** A query with one of its counts far above the largest of the role, the rest as in an ordinary one. */
function enlarged(prng: Prng, shapes: readonly QueryFeatures[]): QueryFeatures {
  const ordinary = shapes[prng.integer(shapes.length)] as QueryFeatures;
  const feature = (['depth', 'fields', 'arguments', 'queryLength'] as const)[prng.integer(4)] as 'depth';
  const largest = Math.max(...shapes.map((shape) => shape[feature]));
  return { ...ordinary, [feature]: Math.ceil(largest * (1.25 + 1.75 * prng.uniform())) };
}

/** As `unusualStructure` computes it, without its thresholds of size. */
function tailTest(history: readonly QueryFeatures[]): (query: QueryFeatures) => number {
  const samples = STRUCTURE_FEATURES.map((feature) => {
    const sample: Sample = createSample(HISTORY, 0.05);
    for (const query of history) addToSample(sample, structureOf(query, feature));
    return { feature, sample };
  });
  return (query) =>
    Math.min(
      1,
      ...samples.map(({ feature, sample }) => {
        const value = structureOf(query, feature);
        return value <= largestOf(sample) ? 1 : samples.length * upperTail(sample, value);
      }),
    );
}

function rowOf(query: QueryFeatures): FeatureRow {
  const { introspection: _introspection, ...features } = query;
  return features;
}

function modelOf(history: readonly QueryFeatures[], role: number): RecordModel {
  const window = history.map((query, i) => ({ key: `${i}/0`, at: 0, features: rowOf(query) }));
  return finish(trainWithScores(window, { baselineKey: `role ${role}`, version: 1, trainedAt: 0 })).model;
}

if (import.meta.main) await run();
