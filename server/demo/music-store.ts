import { DAY, formatInstant } from '../../core/domain/time.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

/** The data behind the demo: a shop for music, made up here, the same for every run. */
export interface MusicStore {
  readonly artists: readonly Artist[];
  readonly albums: readonly Album[];
  readonly tracks: readonly Track[];
  readonly employees: readonly Employee[];
  readonly customers: readonly Customer[];
  readonly invoices: readonly Invoice[];
  readonly invoiceLines: readonly InvoiceLine[];
}

export type Row = Readonly<Record<string, string | number | boolean | null>>;
export type Artist = Row & { readonly artistId: number };
export type Album = Row & { readonly albumId: number; readonly artistId: number };
export type Track = Row & { readonly trackId: number; readonly albumId: number; readonly unitPrice: number };
export type Employee = Row & { readonly employeeId: number };
export type Customer = Row & {
  readonly customerId: number;
  readonly lastName: string;
  readonly supportRepId: number;
};
export type Invoice = Row & { readonly invoiceId: number; readonly customerId: number; readonly total: number };
export type InvoiceLine = Row & {
  readonly invoiceLineId: number;
  readonly invoiceId: number;
  readonly trackId: number;
};

export const STORE_SIZE = { artists: 90, albums: 200, tracks: 1_000, employees: 8, customers: 400, invoices: 1_200 };

const FIRST_NAMES =
  'Ada Bruno Carla Dario Elif Femi Greta Hugo Ines Jonas Kaja Luis Mira Nils Olga Pavel Rosa Samir Tove Uma Vera Yusuf'.split(
    ' ',
  );
const NAME_STARTS =
  'Al Ber Cos Dan En Fer Gom Hal Iva Jen Kas Lin Mor Nov Oka Per Quis Ros Sil Tan Urb Vid Web Zem'.split(' ');
const NAME_ENDS = 'a berg dahl en ez i insen kov lund man mann o oto sen ski son ström te vić wald zen'.split(' ');
const ADJECTIVES = 'Silver Northern Quiet Electric Hollow Crimson Paper Distant Velvet Broken Golden Midnight'.split(
  ' ',
);
const NOUNS =
  'Harbour Foxes Signals Gardens Engines Rivers Lanterns Mountains Letters Echoes Cathedrals Sparrows'.split(' ');
const STREETS = [
  'Mill Lane',
  'Station Road',
  'Rua Nova',
  'Hauptweg',
  'Rue du Port',
  'Elm Avenue',
  'Via Roma',
  'Lake Drive',
];

/** Country, currency, cities, calling code, whether addresses name a state, share of customers. */
const COUNTRIES = [
  {
    country: 'USA',
    currency: 'USD',
    cities: ['Boston', 'Tucson', 'Reno'],
    code: '+1',
    states: ['MA', 'AZ', 'NV'],
    share: 30,
  },
  { country: 'Canada', currency: 'CAD', cities: ['Halifax', 'Ottawa'], code: '+1', states: ['NS', 'ON'], share: 14 },
  { country: 'Germany', currency: 'EUR', cities: ['Bremen', 'Leipzig', 'Ulm'], code: '+49', states: [], share: 16 },
  { country: 'France', currency: 'EUR', cities: ['Nantes', 'Dijon'], code: '+33', states: [], share: 14 },
  { country: 'Brazil', currency: 'BRL', cities: ['Recife', 'Santos'], code: '+55', states: ['PE', 'SP'], share: 14 },
  { country: 'Portugal', currency: 'EUR', cities: ['Porto', 'Faro'], code: '+351', states: [], share: 12 },
] as const;

const GENRES = ['Rock', 'Jazz', 'Metal', 'Latin', 'Classical', 'Electronic'] as const;
const TITLES = ['Sales Agent', 'Support Specialist', 'IT Staff', 'Manager'];

/** Invoices were written in the two years before this instant. */
export function createMusicStore(seed: string, until: number): MusicStore {
  const random = createRandom(`${seed}/store`);
  const artists = list(STORE_SIZE.artists, (artistId) => ({ artistId, name: bandName(random) }));
  const albums = list(STORE_SIZE.albums, (albumId) => ({
    albumId,
    title: `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`,
    artistId: random.integer(1, artists.length),
    releaseYear: random.integer(1968, 2024),
  }));
  const tracks = list(STORE_SIZE.tracks, (trackId) => trackOf(random, trackId, albums.length));
  const employees = list(STORE_SIZE.employees, (employeeId) => employeeOf(random, employeeId));
  const customers = list(STORE_SIZE.customers, (customerId) => customerOf(random, customerId));
  const invoiceLines: InvoiceLine[] = [];
  const invoices = list(STORE_SIZE.invoices, (invoiceId) =>
    invoiceOf(random, invoiceId, random.pick(customers), tracks, invoiceLines, until),
  );
  return { artists, albums, tracks, employees, customers, invoices, invoiceLines };
}

function list<T>(length: number, make: (id: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index + 1));
}

function surname(random: Random): string {
  return random.pick(NAME_STARTS) + random.pick(NAME_ENDS);
}

function bandName(random: Random): string {
  return random.chance(0.3)
    ? `${random.pick(FIRST_NAMES)} ${surname(random)}`
    : `The ${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`;
}

function trackOf(random: Random, trackId: number, albums: number): Track {
  const isVideo = random.chance(0.15);
  const milliseconds = Math.round(Math.min(900_000, Math.max(60_000, 245_000 * Math.exp(0.32 * random.normal()))));
  // Size follows length closely: what makes a short track of many bytes impossible.
  const bytesPerMillisecond = (isVideo ? 240 : 33) * Math.exp(0.04 * random.normal());
  return {
    trackId,
    name: `${random.pick(ADJECTIVES)} ${random.pick(NOUNS)}`,
    albumId: 1 + Math.floor(((trackId - 1) * albums) / STORE_SIZE.tracks),
    genre: random.pick(GENRES),
    mediaType: isVideo
      ? 'MPEG-4 video'
      : random.pickWeighted([
          ['AAC audio', 70],
          ['FLAC audio', 30],
        ] as const),
    composer: random.chance(0.4) ? null : `${random.pick(FIRST_NAMES)} ${surname(random)}`,
    milliseconds,
    bytes: Math.round(milliseconds * bytesPerMillisecond),
    unitPrice: isVideo
      ? 1.99
      : random.pickWeighted([
          [0.99, 80],
          [1.29, 20],
        ] as const),
    isExplicit: random.chance(0.3),
  };
}

function employeeOf(random: Random, employeeId: number): Employee {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = surname(random);
  return {
    employeeId,
    firstName,
    lastName,
    title: TITLES[employeeId % TITLES.length] as string,
    email: `${firstName}.${lastName}@music.example`.toLowerCase(),
    phone: `+49 421 555-${1_000 + employeeId * 37}`,
    birthDate: formatInstant(Date.UTC(1965 + employeeId * 4, employeeId, 3)).slice(0, 10),
    address: `${random.pick(STREETS)} ${random.integer(1, 90)}`,
    salary: 38_000 + random.integer(0, 40) * 500,
  };
}

function customerOf(random: Random, customerId: number): Customer {
  const place = random.pickWeighted(COUNTRIES.map((entry) => [entry, entry.share] as const));
  const town = random.integer(0, place.cities.length - 1);
  const firstName = random.pick(FIRST_NAMES);
  const lastName = surname(random);
  return {
    customerId,
    firstName,
    lastName,
    company: random.chance(0.7) ? null : `${surname(random)} & ${surname(random)}`,
    address: `${random.pick(STREETS)} ${random.integer(1, 190)}`,
    city: place.cities[town] as string,
    state: place.states[town] ?? null,
    country: place.country,
    postalCode: String(random.integer(10_000, 99_999)),
    phone: random.chance(0.06)
      ? null
      : `${place.code} ${random.integer(200, 989)} ${random.integer(200, 999)} ${random.integer(1_000, 9_999)}`,
    email: `${firstName}.${lastName}${customerId}@mail.example`.toLowerCase(),
    supportRepId: random.integer(3, 5),
    newsletter: random.chance(0.4),
  };
}

function invoiceOf(
  random: Random,
  invoiceId: number,
  customer: Customer,
  tracks: readonly Track[],
  lines: InvoiceLine[],
  until: number,
): Invoice {
  let cents = 0;
  const count = random.integer(1, 9);
  for (let i = 0; i < count; i++) {
    const track = random.pick(tracks);
    const quantity = random.chance(0.8) ? 1 : 2;
    cents += Math.round(track.unitPrice * 100) * quantity;
    lines.push({
      invoiceLineId: lines.length + 1,
      invoiceId,
      trackId: track.trackId,
      unitPrice: track.unitPrice,
      quantity,
    });
  }
  const country = customer['country'] as string;
  const place = COUNTRIES.find((entry) => entry.country === country) as (typeof COUNTRIES)[number];
  const age = ((STORE_SIZE.invoices - invoiceId + random.next()) / STORE_SIZE.invoices) * 730 * DAY;
  return {
    invoiceId,
    reference: `R-${random.hex(6).toUpperCase()}`,
    customerId: customer.customerId,
    invoiceDate: formatInstant(Math.floor((until - 15 * DAY - age) / 1_000) * 1_000),
    billingCity: customer['city'] as string,
    billingCountry: country,
    currency: place.currency,
    paymentMethod: random.pickWeighted([
      ['card', 62],
      ['paypal', 28],
      ['transfer', 10],
    ] as const),
    status: random.pickWeighted([
      ['paid', 90],
      ['refunded', 6],
      ['open', 4],
    ] as const),
    total: cents / 100,
  };
}
