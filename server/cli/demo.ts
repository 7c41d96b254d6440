import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_EVENT_TIME_HEADER, type DemoEvent, demoEvents } from '../demo/demo-stream.ts';
import { assessDemo, type DemoAssessment, type FoundInTrace } from '../demo/demo-assessment.ts';
import { startApplication } from '../application.ts';
import { readConfiguration } from '../configuration.ts';
import { createLog } from '../log.ts';
import { firstTokenPath } from '../tokens.ts';
import { createProgressBar } from './progress-bar.ts';

export interface DemoFlags {
  readonly url?: string;
  readonly ndcUrl: string;
  readonly token?: string;
}

/** The service the demo talks to, over HTTP only. */
export interface DemoTarget {
  readonly apiUrl: string;
  readonly ndcUrl: string;
  readonly hookSecret: string | undefined;
  readonly ndcSecret: string | undefined;
  readonly token: string | undefined;
}

export interface DemoReport {
  readonly assessment: DemoAssessment;
  /** Findings counted by the GraphQL API; null without a token. */
  readonly countedByGraphql: number | null;
  readonly countedByNdc: number;
}

/** Plays the demo against its own server on a temporary database, or against `--url`, and prints what was found. */
export async function runDemo(flags: DemoFlags): Promise<void> {
  const report =
    flags.url === undefined
      ? await withOwnServer(play)
      : await play({
          apiUrl: flags.url.replace(/\/$/, ''),
          ndcUrl: flags.ndcUrl.replace(/\/$/, ''),
          hookSecret: process.env['M_AUTH_KEY'],
          ndcSecret: process.env['HASURA_SERVICE_TOKEN_SECRET'],
          token: flags.token,
        });
  process.stdout.write(reportText(report));
}

/** Runs with a server of its own on a temporary SQLite file, free ports and event time on. */
export async function withOwnServer<T>(run: (target: DemoTarget) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-demo-'));
  const configuration = readConfiguration({
    ANOMALY_DETECTION_DATA: folder,
    DATABASE_URL: `sqlite:${join(folder, 'demo.db')}`,
    PORT: '0',
    HASURA_CONNECTOR_PORT: '0',
    SENTINEL_EVENT_TIME_HEADER: DEMO_EVENT_TIME_HEADER,
  });
  const application = await startApplication({ configuration, log: createLog('error') });
  try {
    return await run({
      apiUrl: application.apiUrl,
      ndcUrl: application.ndcUrl,
      hookSecret: undefined,
      ndcSecret: undefined,
      token: readFileSync(firstTokenPath(folder), 'utf8').trim(),
    });
  } finally {
    await application.stop(10_000);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends every call of the stream in order, then asks the connector and the GraphQL API what was found. */
export async function play(target: DemoTarget): Promise<DemoReport> {
  const events = [...demoEvents()];
  const bar = createProgressBar('two weeks of traffic', events.length);
  for (const [index, event] of events.entries()) {
    await send(target, event);
    bar.advance(index + 1);
  }
  bar.end();
  const findings = await findingsByTrace(target);
  return {
    assessment: assessDemo(events, findings),
    countedByNdc: [...findings.values()].reduce((sum, found) => sum + found.length, 0),
    countedByGraphql: await countByGraphql(target),
  };
}

async function send(target: DemoTarget, event: DemoEvent): Promise<void> {
  const response = await fetch(`${target.apiUrl}${event.path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...event.headers,
      ...(target.hookSecret !== undefined && { 'hasura-m-auth': target.hookSecret }),
    },
    body: JSON.stringify(event.body),
  });
  const text = await response.text();
  if (response.status !== 204) throw new Error(`${event.path} answered ${response.status}: ${text.slice(0, 200)}`);
}

const PAGE = 1_000;

/** What a PromptQL client would do: the analyses with a trace id, and their records, page by page. */
async function findingsByTrace(target: DemoTarget): Promise<Map<string, FoundInTrace[]>> {
  const findings = new Map<string, FoundInTrace[]>();
  for (let offset = 0; ; offset += PAGE) {
    const rows = await analysesPage(target, offset);
    for (const { trace_id: trace, records } of rows) {
      if (trace === null) continue;
      findings.set(trace, [...(findings.get(trace) ?? []), ...records.rows]);
    }
    if (rows.length < PAGE) return findings;
  }
}

interface AnalysisRow {
  readonly trace_id: string | null;
  readonly records: { readonly rows: readonly FoundInTrace[] };
}

async function analysesPage(target: DemoTarget, offset: number): Promise<readonly AnalysisRow[]> {
  const column = (name: string) => ({ type: 'column', column: name });
  const response = await fetch(`${target.ndcUrl}/query`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(target.ndcSecret !== undefined && { authorization: `Bearer ${target.ndcSecret}` }),
    },
    body: JSON.stringify({
      collection: 'anomaly_analyses',
      arguments: {},
      query: {
        fields: {
          trace_id: column('trace_id'),
          records: {
            type: 'relationship',
            relationship: 'records',
            arguments: {},
            query: { fields: { kind: column('kind'), reason: column('reason') } },
          },
        },
        order_by: { elements: [{ order_direction: 'asc', target: { type: 'column', name: 'id', path: [] } }] },
        limit: PAGE,
        offset,
      },
      collection_relationships: {
        records: {
          column_mapping: { id: ['analysis_id'] },
          relationship_type: 'array',
          target_collection: 'anomaly_records',
          arguments: {},
        },
      },
    }),
  });
  if (!response.ok)
    throw new Error(`the connector answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
  const [rowSet] = (await response.json()) as { rows: AnalysisRow[] }[];
  return rowSet?.rows ?? [];
}

async function countByGraphql(target: DemoTarget): Promise<number | null> {
  if (target.token === undefined) return null;
  const response = await fetch(`${target.apiUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
    body: JSON.stringify({ query: '{ anomalyRecordsAggregate { count } }' }),
  });
  const body = (await response.json()) as { data?: { anomalyRecordsAggregate: { count: number } }; errors?: unknown };
  if (!body.data)
    throw new Error(`the GraphQL API answered ${response.status}: ${JSON.stringify(body.errors).slice(0, 200)}`);
  return body.data.anomalyRecordsAggregate.count;
}

function reportText({ assessment, countedByNdc, countedByGraphql }: DemoReport): string {
  const rows = assessment.rows.map((row) => [
    row.description,
    row.found ? 'found' : 'MISSED',
    row.reason ?? '',
    String(row.falseAlarms),
  ]);
  const table = tableText(['planted', 'found', 'reason', 'false alarms'], rows);
  const share = (assessment.falseAlarmShare * 100).toFixed(2);
  const found = assessment.rows.filter((row) => row.found).length;
  return [
    table,
    '',
    `${found} of ${assessment.rows.length} planted kinds found in ${assessment.requests} requests.`,
    `${assessment.falseAlarms} of ${assessment.cleanRequests} clean requests raised (${share} %); ${assessment.falseAlarmsOnHardNegatives} of them made to look suspicious.`,
    `${countedByNdc} findings by the NDC connector${countedByGraphql === null ? '' : `, ${countedByGraphql} by the GraphQL API`}.`,
    '',
  ].join('\n');
}

function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.min(70, Math.max(...all.map((row) => (row[column] ?? '').length))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cut(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
