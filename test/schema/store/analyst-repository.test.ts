import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dossierOf } from '../../../core/analyst/dossier.ts';
import { subjectOf } from '../../../core/analyst/when-to-ask.ts';
import type { Analysis } from '../../../core/domain/analysis.ts';
import type { AnalystOpinion } from '../../../core/domain/analyst-opinion.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import { uuidv7 } from '../../../core/domain/ids.ts';
import type { Observation } from '../../../core/domain/observation.ts';
import { DAY, HOUR, systemClock } from '../../../core/domain/time.ts';
import { createDraftRuleStore } from '../../../core/services/analyst-drafts.ts';
import type { AnalystStore, AskedQuestion } from '../../../core/services/analyst-ports.ts';
import { createAnalystStore } from '../../../schema/store/analyst-repository.ts';
import { type Database, openDatabase } from '../../../schema/store/database.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import { analysisOf, findingOf } from '../../support/analyses.ts';
import { createMemoryAnalystStore } from '../../support/analyst-store-memory.ts';
import { datasetOf, observationOf, shapeOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

const NOW = Date.UTC(2026, 10, 20, 12);

function observed(shape: string): Analysis {
  const observation = observationOf({
    at: NOW,
    shape: shapeOf(shape, ['invoices.id']),
    datasets: [datasetOf('invoices', [{ id: 1 }, { id: 2 }])],
  });
  const finding = findingOf({ kind: 'unusual_value', subject: { kind: 'record', dataset: 'invoices', index: 1 } });
  return analysisOf(observation, [findingOf({})], [{ findings: [finding], flagged: [1] }]);
}

function questionAbout(analyses: readonly Analysis[], at: number, changes: Partial<AskedQuestion> = {}): AskedQuestion {
  const [first] = analyses as [Analysis];
  const subject = subjectOf(first, 'medium');
  const limits = { redaction: 'strict', maxRecords: 10, maxValues: 3 } as const;
  const id = uuidv7(at);
  const usage = { input: 100, output: 20, cacheWrite: 3, cacheRead: 4 };
  const opinion: AnalystOpinion = {
    id,
    at,
    reason: 'suspicion',
    queryId: subject.queryId,
    observationIds: analyses.map(({ observation }) => observation.id),
    anomaliesDetected: true,
    records: analyses.map(({ observation }) => ({
      observationId: observation.id,
      dataset: 'invoices',
      recordIndex: 1,
      reason: 'The total is odd.',
      riskLevel: 'high',
      category: 'range_violation',
    })),
    queryPattern: { typical: false, concerns: ['It reads too much.'], recommendations: ['Ask the caller.'] },
    businessRules: [{ rule: 'Totals are positive.', violation: 'One is not.', riskLevel: 'medium' }],
    summary: 'A summary.',
    draftRule: null,
    draftAlert: { metric: 'records', comparison: 'above', threshold: 10, windowMinutes: 5, reason: 'Watch it.' },
    model: 'claude-haiku-5-5',
    promptVersion: 'v',
    usage,
    cost: 0.001,
    latencyMs: 12,
  };
  return {
    id,
    at,
    subject,
    reason: 'suspicion',
    observations: analyses.flatMap((analysis) => dossierOf(analysis, 'suspicion', subject, limits).observations),
    system: 'the instructions',
    user: '<data>\n{"a":"ü\\u0000"}\n</data>',
    estimatedTokens: 200,
    model: 'claude-haiku-5-5',
    promptVersion: 'v',
    status: 'answered',
    message: null,
    usage,
    cost: 0.001,
    latencyMs: 12,
    requestId: 'msg_1',
    opinion,
    ...changes,
  };
}

/** What every implementation of the port does. */
function contract(given: () => { store: AnalystStore; commit(analysis: Analysis): Promise<void> }): void {
  it('remembers what was asked, what it cost and what came of it', async () => {
    const { store, commit } = given();
    const analysis = observed('contract');
    await commit(analysis);
    const answered = questionAbout([analysis], NOW);
    const failed = questionAbout([analysis], NOW + 1, {
      status: 'timeout',
      opinion: null,
      message: 'Too slow.',
      cost: null,
    });
    for (const question of [answered, failed]) await store.save(question);
    const spent = await store.spendingSince(NOW - HOUR);
    expect(spent.toSorted((a, b) => a.at - b.at)).toEqual([
      { id: answered.id, at: NOW, tokens: 127, cost: 0.001 },
      { id: failed.id, at: NOW + 1, tokens: 127, cost: 0 },
    ]);
    expect(await store.askedSince(NOW - HOUR)).toEqual([{ subject: answered.subject, at: NOW }]);
    expect(await store.latestOpinion(answered.subject.queryId, NOW - HOUR)).toEqual(answered.opinion);
    expect(await store.spendingSince(NOW + HOUR)).toEqual([]);
    expect(await store.askedSince(NOW + HOUR)).toEqual([]);
    expect(await store.latestOpinion(answered.subject.queryId, NOW + HOUR)).toBeUndefined();
  });
}

describe("the analyst's store in memory", () => {
  const store = createMemoryAnalystStore();
  contract(() => ({ store, commit: async () => {} }));
});

describe.each(TEST_DIALECTS)("the analyst's store on %s", (dialect) => {
  let given: TestDatabase;
  let database: Database;
  let store: OpenStore;
  let analyst: AnalystStore;

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
    store = createStore({
      database,
      clock: systemClock,
      minimumRecords: 100,
      maximumRecords: 1_000,
      onCulprit: (_effects, error) => {
        throw error;
      },
      onOutage: () => {},
    });
    analyst = createAnalystStore(database, 'test:1');
  });
  afterAll(async () => {
    await store.close();
    await given.drop();
  });

  const commit = async (analysis: Analysis): Promise<void> => {
    const { observation } = analysis;
    const effects: Effects = { observation, hook: 'rest', verdict: 'allowed', ruleKey: null, analysis, lessons: [] };
    expect(await store.writer.submit(effects)).toBe('committed');
  };
  contract(() => ({ store: analyst, commit }));

  const recordsOf = (observation: Observation) =>
    database.kysely
      .selectFrom('anomaly_records')
      .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
      .select(['kind', 'category', 'severity', 'severity_rank', 'reason', 'record_index'])
      .select(['anomaly_records.dataset', 'p_value', 'score'])
      .where('observation_id', '=', observation.id)
      .orderBy('reason')
      .execute();

  it('puts what the model found beside what statistics found, which stays as it was', async () => {
    const analysis = observed('beside');
    await commit(analysis);
    const before = await recordsOf(analysis.observation);
    await analyst.save(questionAbout([analysis], NOW));
    const after = await recordsOf(analysis.observation);
    expect(after.filter(({ kind }) => kind !== 'model_opinion')).toEqual(before);
    expect(after.filter(({ kind }) => kind === 'model_opinion')).toEqual([
      {
        kind: 'model_opinion',
        category: 'security_concern',
        severity: 'low',
        severity_rank: 1,
        reason: 'It reads too much.',
        record_index: -1,
        dataset: null,
        p_value: null,
        score: null,
      },
      {
        kind: 'model_opinion',
        category: 'business_logic',
        severity: 'medium',
        severity_rank: 2,
        reason: 'One is not. (Totals are positive.)',
        record_index: -1,
        dataset: null,
        p_value: null,
        score: null,
      },
      {
        kind: 'model_opinion',
        category: 'range_violation',
        severity: 'high',
        severity_rank: 3,
        reason: 'The total is odd.',
        record_index: 1,
        dataset: 'invoices',
        p_value: null,
        score: null,
      },
    ]);
    const analyses = await database.kysely
      .selectFrom('anomaly_analyses')
      .select(['dataset'])
      .where('observation_id', '=', analysis.observation.id)
      .execute();
    expect(analyses).toHaveLength(2);
    const advice = await database.kysely
      .selectFrom('recommendations')
      .select('description')
      .where('description', '=', 'Ask the caller.')
      .execute();
    expect(advice.length).toBeGreaterThan(0);
  });

  it('makes an analysis of its own where statistics found nothing, without their verdict', async () => {
    const analysis = { ...observed('alone'), queryFindings: [], datasets: [] };
    await commit(analysis);
    await analyst.save(questionAbout([analysis], NOW));
    const rows = await database.kysely
      .selectFrom('anomaly_analyses')
      .select(['dataset', 'anomalies_detected', 'processed_records'])
      .where('observation_id', '=', analysis.observation.id)
      .execute();
    const told = rows.map((row) => `${row.dataset ?? 'the query'}: ${Boolean(row.anomalies_detected)}`);
    expect(new Set(told)).toEqual(new Set(['the query: false', 'invoices: false']));
    expect(rows.map((row) => row.processed_records)).toEqual([2, 2]);
  });

  it('says what concerns the query once, and what concerns a record with its own request', async () => {
    const batch = [observed('batch'), observed('batch')] as const;
    for (const analysis of batch) await commit(analysis);
    await analyst.save(questionAbout(batch, NOW));
    const found = await Promise.all(batch.map(({ observation }) => recordsOf(observation)));
    expect(found.map((rows) => rows.filter(({ kind }) => kind === 'model_opinion').length)).toEqual([3, 1]);
  });

  it('shows prompt and answer as they were', async () => {
    const analysis = observed('shown');
    await commit(analysis);
    const question = questionAbout([analysis], NOW);
    await analyst.save(question);
    const row = await database.kysely
      .selectFrom('analyst_opinions')
      .selectAll()
      .where('id', '=', question.id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      prompt_system: question.system,
      prompt: question.user,
      status: 'answered',
      summary: 'A summary.',
      input_tokens: 100,
      output_tokens: 20,
      cost: 0.001,
      prompt_version: 'v',
    });
  });

  it('finds feedback on queries of the shape', async () => {
    const analysis = observed('feedback');
    await commit(analysis);
    const { observation } = analysis;
    const ids = await database.kysely
      .selectFrom('anomaly_records')
      .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
      .select(['anomaly_records.id', 'kind'])
      .where('observation_id', '=', observation.id)
      .execute();
    expect(await analyst.labelledFindings(observation.shape.id, 10)).toEqual([]);
    const { id } = ids.find(({ kind }) => kind === 'unusual_value') as { id: string };
    await store.transaction((tx) =>
      tx.anomalies.giveFeedback(id, { label: { value: 'expected', by: 'kim', at: NOW } }),
    );
    expect(await analyst.labelledFindings(observation.shape.id, 10)).toEqual([
      { kind: 'unusual_value', severity: 'high', dataset: 'invoices', label: 'expected', fields: [] },
    ]);
  });

  it('keeps one state per process and forgets processes that are gone', async () => {
    const status = {
      state: 'idle',
      since: NOW,
      model: 'm',
      promptVersion: 'v',
      queueLength: 0,
      callsRunning: 0,
      tokensLastHour: 1,
      tokensLastDay: 2,
      costLastDay: null,
      tokensPerHour: 3,
      tokensPerDay: 4,
      costPerDay: null,
      lastCallAt: null,
      lastFault: null,
      lastFaultMessage: null,
      retryAt: null,
    } as const;
    const other = createAnalystStore(database, 'test:2');
    await other.saveStatus(status, NOW);
    await analyst.saveStatus(status, NOW);
    await analyst.saveStatus({ ...status, state: 'working' }, NOW + 1);
    const rows = () =>
      database.kysely.selectFrom('analyst_status').select(['instance', 'state']).orderBy('instance').execute();
    expect(await rows()).toEqual([
      { instance: 'test:1', state: 'working' },
      { instance: 'test:2', state: 'idle' },
    ]);
    await analyst.saveStatus(status, NOW + 2 * DAY);
    expect(await rows()).toEqual([{ instance: 'test:1', state: 'idle' }]);
  });

  it('stores a proposed rule once, as a draft that enforces nothing', async () => {
    const drafts = createDraftRuleStore(store, systemClock);
    const { opinion } = questionAbout([observed('drafts')], NOW) as { opinion: AnalystOpinion };
    const propose = (condition: string, refused: string | null = null) =>
      drafts.save({ ...opinion, draftRule: { condition, reason: 'An export.', refused } });
    await propose('role == "support" and "invoices" in rootFields');
    await propose('role == "support" and "invoices" in rootFields');
    await propose('true');
    await propose('1 + ', 'Unexpected end.');
    const rules = await database.kysely
      .selectFrom('kill_switch_rules')
      .select(['status', 'origin', 'created_by', 'condition'])
      .execute();
    expect(rules).toEqual([
      {
        status: 'draft',
        origin: `analyst:${opinion.id}`,
        created_by: 'analyst',
        condition: 'role == "support" and "invoices" in rootFields',
      },
    ]);
    expect((await store.rules.enforceable()).rules).toEqual([]);
  });
});
