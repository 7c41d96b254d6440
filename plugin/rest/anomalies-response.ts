import type { Analysis } from '../../core/domain/analysis.ts';
import { formatInstant } from '../../core/domain/time.ts';
import { datasetResult } from './dataset-result.ts';

export type DatasetResult = ReturnType<typeof datasetResult>;

/** The body of a successful `POST /anomalies`; null as `analysis` where the request held nothing to analyse. */
export function anomaliesResponse(
  analysis: Analysis | null,
  request: {
    readonly queryHash: string;
    readonly queryId: string;
    readonly operationName: string | null;
    readonly at: number;
  },
  skipped: readonly string[],
) {
  const results = analysis ? datasetResults(analysis) : {};
  const analysed = Object.values(results);
  return {
    results,
    metadata: {
      timestamp: formatInstant(request.at),
      query_id: request.queryId,
      query_hash: request.queryHash,
      operation_name: request.operationName,
      total_records: sumOf(analysed, (result) => result.processed_records),
      total_anomalies: sumOf(analysed, (result) => result.statistical_flags),
      datasets_processed: analysed.length,
      datasets_skipped: skipped,
      status: 'completed',
    },
  };
}

/** By name of the dataset; empty ones are left out, and a second one of a name is numbered. */
export function datasetResults(analysis: Analysis): Record<string, DatasetResult> {
  const results = new Map<string, DatasetResult>();
  for (const [index, result] of analysis.datasets.entries()) {
    if (result.recordCount === 0) continue;
    let name = result.dataset;
    for (let number = 2; results.has(name); number++) name = `${result.dataset}#${number}`;
    results.set(name, datasetResult(analysis, result, analysis.observation.datasets[index]));
  }
  return Object.fromEntries(results);
}

function sumOf(results: readonly DatasetResult[], of: (result: DatasetResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0);
}
