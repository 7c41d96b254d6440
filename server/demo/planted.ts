import type { FindingKind } from '../../core/domain/finding.ts';
import { HOUR, MINUTE, SECOND } from '../../core/domain/time.ts';
import type { DemoUser } from './cast.ts';
import { userOf } from './cast.ts';
import type { DemoRequest, GraphqlRequest } from './demo-request.ts';
import {
  allCustomers,
  customerById,
  customersNamed,
  deepQuery,
  employeePersonalData,
  introspection,
  recentInvoices,
  trackList,
  trackPage,
} from './graphql-requests.ts';
import type { MusicStore } from './music-store.ts';
import type { Random } from './random.ts';

/** What is planted, in words, and the kinds of finding that count as having found it. */
export const PLANTED = {
  inflated_total: {
    description: 'an invoice total a hundred times too high',
    foundBy: ['unusual_value', 'unusual_combination'],
  },
  negative_price: {
    description: 'a track with a negative unit price',
    foundBy: ['unusual_value', 'unusual_combination'],
  },
  impossible_combination: {
    description: 'an album of short audio tracks with the size of long videos',
    foundBy: ['unusual_combination', 'unusual_value'],
  },
  bulk_read: {
    description: 'a sales user reads every customer and every invoice within four minutes',
    foundBy: ['bulk_read', 'result_size'],
  },
  id_enumeration: { description: 'a support user looks up 45 customer ids in a row', foundBy: ['id_enumeration'] },
  personal_fields: {
    description: 'sales reads birth dates, addresses and salaries of employees',
    foundBy: ['personal_data_access'],
  },
  deep_query: {
    description: 'a storefront app sends a query nested ten levels deep',
    foundBy: ['new_shape', 'unusual_structure'],
  },
  off_hours: { description: 'a support user works at three in the night', foundBy: ['unusual_hour'] },
  burst: { description: 'a storefront app sends 60 requests within 40 seconds', foundBy: ['burst'] },
  introspection: { description: 'a support user asks for the schema', foundBy: ['introspection'] },
  injection_probe: { description: 'a search for a name that is a piece of SQL', foundBy: ['injection_probe'] },
} as const satisfies Record<string, { description: string; foundBy: readonly FindingKind[] }>;

export type PlantedKind = keyof typeof PLANTED;
export const PLANTED_KINDS = Object.keys(PLANTED) as PlantedKind[];

export interface Planted {
  /** One per planted anomaly; all requests of a series share it. */
  readonly id: string;
  readonly kind: PlantedKind;
  readonly description: string;
}

export interface PlantedRequest {
  readonly at: number;
  readonly user: DemoUser;
  readonly request: DemoRequest;
  readonly planted: Planted;
}

interface Planting {
  readonly kind: PlantedKind;
  readonly user: string;
  /** Day of the two weeks, 0–13, and time of that day. */
  readonly day: number;
  readonly at: number;
  readonly requests: (
    store: MusicStore,
    random: Random,
  ) => readonly { readonly after: number; readonly request: DemoRequest }[];
}

const single = (request: DemoRequest): readonly { after: number; request: DemoRequest }[] => [{ after: 0, request }];

/** All in the second week, when the first has shown what is usual. */
const PLANTINGS: readonly Planting[] = [
  {
    kind: 'inflated_total',
    user: '21',
    day: 7,
    at: 11 * HOUR,
    requests: (store) => single(withChange(recentInvoices(store, 20), 'invoices', 'total', (total) => total * 100)),
  },
  { kind: 'introspection', user: '14', day: 7, at: 15 * HOUR, requests: () => single(introspection()) },
  {
    kind: 'negative_price',
    user: 'web',
    day: 8,
    at: 19 * HOUR,
    requests: (store, random) => single(withChange(trackList(store, random, 0), 'tracks', 'unitPrice', () => -9.99)),
  },
  {
    kind: 'id_enumeration',
    user: '13',
    day: 8,
    at: 14 * HOUR + 10 * MINUTE,
    requests: (store) =>
      Array.from({ length: 45 }, (_, i) => ({ after: i * 7 * SECOND, request: customerById(store, 101 + i) })),
  },
  {
    kind: 'impossible_combination',
    user: 'ios',
    day: 12,
    at: 20 * HOUR,
    // An album whose import went wrong. Ten tracks, since of single ones every fifth was not found (measured on 40 models).
    requests: (store) =>
      Array.from({ length: 10 }, (_, i) => ({
        after: i * 40 * SECOND,
        request: trackPage(store, 131 + i, {
          mediaType: 'AAC audio',
          milliseconds: 62_000 + 500 * i,
          bytes: 216_000_000,
        }),
      })),
  },
  {
    kind: 'personal_fields',
    user: '23',
    day: 9,
    at: 10 * HOUR + 30 * MINUTE,
    requests: (store) => single(employeePersonalData(store)),
  },
  {
    kind: 'bulk_read',
    user: '22',
    day: 10,
    at: 16 * HOUR + 5 * MINUTE,
    requests: (store) =>
      [
        ...[0, 1, 2, 3].map((page) => allCustomers(store, page * 100, 100)),
        ...[0, 1, 2, 3, 4, 5].map((page) => recentInvoices(store, page * 200, 200)),
      ].map((request, i) => ({ after: i * 20 * SECOND, request })),
  },
  {
    kind: 'injection_probe',
    user: '11',
    day: 10,
    at: 9 * HOUR + 20 * MINUTE,
    requests: (store) => single(customersNamed(store, "Weber' OR '1'='1' --")),
  },
  {
    kind: 'deep_query',
    user: 'android',
    day: 10,
    at: 13 * HOUR,
    requests: (store, random) => single(deepQuery(store, random)),
  },
  {
    kind: 'off_hours',
    user: '12',
    day: 11,
    at: 3 * HOUR + 12 * MINUTE,
    requests: (store, random) =>
      Array.from({ length: 4 }, (_, i) => ({
        after: i * 4 * MINUTE,
        request: customerById(store, random.pick(store.customers).customerId),
      })),
  },
  {
    kind: 'burst',
    user: 'android',
    day: 11,
    at: 17 * HOUR,
    requests: (store, random) =>
      Array.from({ length: 60 }, (_, i) => ({
        after: i * 650,
        request: trackList(store, random, random.integer(0, 6) * 12),
      })),
  },
];

/** The planted requests of one day of the two weeks. */
export function plantedOn(day: number, midnight: number, store: MusicStore, random: Random): PlantedRequest[] {
  return PLANTINGS.filter((planting) => planting.day === day).flatMap((planting) => {
    const user = userOf(planting.user);
    const planted = { id: planting.kind, kind: planting.kind, description: PLANTED[planting.kind].description };
    const start = midnight + planting.at;
    return planting
      .requests(store, random)
      .map(({ after, request }) => ({ at: start + after, user, request, planted }));
  });
}

/** The request with one value of its answer changed: that of the row in which the field is largest. */
function withChange(
  request: GraphqlRequest,
  list: string,
  field: string,
  change: (value: number) => number,
): GraphqlRequest {
  const rows = request.data[list] as readonly Readonly<Record<string, unknown>>[];
  const values = rows.map((row) => Number(row[field]));
  const index = values.indexOf(Math.max(...values));
  const changed = { ...rows[index], [field]: change(values[index] as number) };
  return { ...request, data: { ...request.data, [list]: rows.with(index, changed) } };
}
