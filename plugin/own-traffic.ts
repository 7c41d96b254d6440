import { RE2JS } from 're2js';
import type { DocumentReading } from '../core/document/graphql-document.ts';
import type { Dataset, Observation } from '../core/domain/observation.ts';
import type { Source } from '../core/domain/query-shape.ts';

export interface OwnTrafficOptions {
  /** Name of our connector in the supergraph; empty: none. */
  readonly connectorName: string;
  /** GraphQL root fields of our models and commands, by their names in the supergraph. */
  readonly rootFields: ReadonlySet<string>;
  /** RE2 patterns, searched anywhere in the name of a dataset, as the original plugin did. */
  readonly excludedDatasets: readonly string[];
}

export interface OwnTraffic {
  /** Every root field is ours: by parsed name, since a client can call anything by our alias. */
  isOwnDocument(document: DocumentReading): boolean;
  isOwnConnector(connector: string): boolean;
  isExcluded(dataset: string, source: Source): boolean;
}

/** Verdicts kept; names of datasets are few, and those of odd traffic don't matter. */
const KNOWN_NAMES = 1_000;

export function createOwnTraffic(options: OwnTrafficOptions): OwnTraffic {
  const patterns = options.excludedDatasets.map((pattern) => RE2JS.compile(pattern));
  const known = new Map<string, boolean>();
  const matches = (name: string): boolean => {
    let verdict = known.get(name);
    if (verdict === undefined) {
      verdict = patterns.some((pattern) => pattern.test(name));
      if (known.size < KNOWN_NAMES) known.set(name, verdict);
    }
    return verdict;
  };
  return {
    isOwnDocument(document) {
      if (document.kind === 'unreadable') return false;
      const roots = document.shape.rootFields;
      return roots.length > 0 && roots.every((root) => options.rootFields.has(root));
    },
    isOwnConnector: (connector) => connector !== '' && connector === options.connectorName,
    isExcluded: (dataset, source) => patterns.length > 0 && (matches(dataset) || matches(shortName(dataset, source))),
  };
}

export interface WithoutExcluded {
  readonly datasets: readonly Dataset[];
  /** Names left out. */
  readonly skipped: readonly string[];
}

export function withoutExcluded(datasets: readonly Dataset[], source: Source, own: OwnTraffic): WithoutExcluded {
  const skipped = datasets.filter((dataset) => own.isExcluded(dataset.name, source));
  if (skipped.length === 0) return { datasets, skipped: [] };
  const names = new Set(skipped.map((dataset) => dataset.name));
  return { datasets: datasets.filter((dataset) => !names.has(dataset.name)), skipped: [...names] };
}

/** A request that asks for excluded datasets and nothing else is not observed at all. */
export function asksOnlyForExcluded(observation: Observation, own: OwnTraffic): boolean {
  const { rootFields } = observation.shape;
  return rootFields.length > 0 && rootFields.every((root) => own.isExcluded(root, observation.source));
}

/** The root field of a GraphQL path, the collection of an NDC name: what a pattern with anchors is written for. */
function shortName(dataset: string, source: Source): string {
  const dot = dataset.indexOf('.');
  if (dot === -1) return dataset;
  return source === 'graphql' ? dataset.slice(0, dot) : dataset.slice(dot + 1);
}
