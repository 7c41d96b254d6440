import type { DemoRole } from './cast.ts';
import type { GraphqlRequest } from './demo-request.ts';
import { select } from './demo-request.ts';
import type { Album, Artist, Customer, Invoice, MusicStore, Row, Track } from './music-store.ts';
import type { Random } from './random.ts';

type MakeRequest = (store: MusicStore, random: Random) => GraphqlRequest;

/** What each role's application sends, with its share. PromptQL users have a file of their own. */
export const GRAPHQL_HABITS: Readonly<
  Record<Exclude<DemoRole, 'analyst' | 'nightly_job'>, readonly (readonly [MakeRequest, number])[]>
> = {
  support: [
    [(store, random) => customerById(store, random.pick(store.customers).customerId), 40],
    [customerSearch, 25],
    [customerInvoices, 25],
    [(store, random) => recentInvoices(store, random.integer(0, 19) * 20), 10],
  ],
  sales: [
    [accountsOfRep, 35],
    [(store, random) => recentInvoices(store, random.integer(0, 19) * 20), 35],
    [albumsOfArtist, 30],
  ],
  storefront: [
    [(store, random) => trackList(store, random, random.integer(0, 6) * 12), 45],
    [(store, random) => trackPage(store, random.pick(store.tracks).trackId), 35],
    [albumsOfArtist, 20],
  ],
  admin: [
    [employeeList, 30],
    [(store, random) => recentInvoices(store, random.integer(0, 19) * 20), 40],
    [(store, random) => customerById(store, random.pick(store.customers).customerId), 10],
    [introspection, 20],
  ],
};

const CUSTOMER_FIELDS = 'customerId firstName lastName email phone city country newsletter';
const INVOICE_FIELDS = 'invoiceId invoiceDate billingCountry currency paymentMethod status total';
const TRACK_FIELDS = 'trackId name genre mediaType composer milliseconds bytes unitPrice isExplicit';

export function customerById(store: MusicStore, customerId: number): GraphqlRequest {
  const customer = store.customers[customerId - 1] as Customer;
  return {
    kind: 'graphql',
    operationName: 'CustomerById',
    query: `query CustomerById($id: Int!) {\n  customerByCustomerId(customerId: $id) {\n    ${CUSTOMER_FIELDS}\n  }\n}`,
    variables: { id: customerId },
    data: { customerByCustomerId: select(customer, CUSTOMER_FIELDS) },
  };
}

function customerSearch(store: MusicStore, random: Random): GraphqlRequest {
  return customersNamed(store, `${random.pick(store.customers).lastName.slice(0, 2)}%`);
}

/** `name` is whatever was typed into the search box; its first two letters find something. */
export function customersNamed(store: MusicStore, name: string): GraphqlRequest {
  const rows = store.customers.filter((customer) => customer.lastName.startsWith(name.slice(0, 2))).slice(0, 10);
  return {
    kind: 'graphql',
    operationName: 'CustomerSearch',
    query: `query CustomerSearch($name: String!) {\n  customers(where: { lastName: { _like: $name } }, limit: 10) {\n    ${CUSTOMER_FIELDS}\n  }\n}`,
    variables: { name },
    data: { customers: rows.map((row) => select(row, CUSTOMER_FIELDS)) },
  };
}

function customerInvoices(store: MusicStore, random: Random): GraphqlRequest {
  const { customerId } = random.pick(store.customers);
  const rows = store.invoices.filter((invoice) => invoice.customerId === customerId).slice(-10);
  const lines = (invoice: Invoice): unknown[] =>
    store.invoiceLines
      .filter((line) => line.invoiceId === invoice.invoiceId)
      .map((line) =>
        select(line, 'quantity unitPrice', {
          track: select(store.tracks[line.trackId - 1] as Track, 'trackId name'),
        }),
      );
  return {
    kind: 'graphql',
    operationName: 'CustomerInvoices',
    query: `query CustomerInvoices($id: Int!) {\n  orders: invoices(where: { customerId: { _eq: $id } }, order_by: [{ invoiceDate: Desc }], limit: 10) {\n    ${INVOICE_FIELDS}\n    lines: invoiceLines { quantity unitPrice track { trackId name } }\n  }\n}`,
    variables: { id: customerId },
    data: { orders: rows.map((row) => select(row, INVOICE_FIELDS, { lines: lines(row) })) },
  };
}

export function recentInvoices(store: MusicStore, offset: number, limit = 20): GraphqlRequest {
  const rows = store.invoices.toReversed().slice(offset, offset + limit);
  return {
    kind: 'graphql',
    operationName: 'RecentInvoices',
    query: `query RecentInvoices($limit: Int!, $offset: Int!) {\n  invoices(order_by: [{ invoiceDate: Desc }], limit: $limit, offset: $offset) {\n    ${INVOICE_FIELDS}\n  }\n}`,
    variables: { limit, offset },
    data: { invoices: rows.map((row) => select(row, INVOICE_FIELDS)) },
  };
}

const ACCOUNT_FIELDS = 'customerId company city state country supportRepId newsletter';

function accountsOfRep(store: MusicStore, random: Random): GraphqlRequest {
  const rep = random.pick(store.customers).supportRepId;
  const offset = random.integer(0, 4) * 25;
  const rows = store.customers.filter((customer) => customer.supportRepId === rep).slice(offset, offset + 25);
  return accounts(rows, { where: { supportRepId: { _eq: rep } }, limit: 25, offset });
}

/** Every customer the role may see, page after page of any size: what a bulk read does. */
export function allCustomers(store: MusicStore, offset: number, limit: number): GraphqlRequest {
  return accounts(store.customers.slice(offset, offset + limit), { where: {}, limit, offset });
}

function accounts(rows: readonly Row[], variables: Readonly<Record<string, unknown>>): GraphqlRequest {
  return {
    kind: 'graphql',
    operationName: 'Accounts',
    query: `query Accounts($where: CustomersBoolExp!, $limit: Int!, $offset: Int!) {\n  customers(where: $where, order_by: [{ customerId: Asc }], limit: $limit, offset: $offset) {\n    ${ACCOUNT_FIELDS}\n  }\n}`,
    variables,
    data: { customers: rows.map((row) => select(row, ACCOUNT_FIELDS)) },
  };
}

export function trackList(store: MusicStore, random: Random, offset: number): GraphqlRequest {
  const genre = random.pick(store.tracks)['genre'] as string;
  const rows = store.tracks.filter((track) => track['genre'] === genre).slice(offset, offset + 12);
  return {
    kind: 'graphql',
    operationName: 'Browse',
    query: `query Browse($genre: String!, $offset: Int!) {\n  tracks(where: { genre: { _eq: $genre } }, order_by: [{ trackId: Asc }], limit: 12, offset: $offset) {\n    ${TRACK_FIELDS}\n  }\n}`,
    variables: { genre, offset },
    data: { tracks: rows.map((row) => select(row, TRACK_FIELDS)) },
  };
}

/** One track; `instead` replaces some of its values. */
export function trackPage(store: MusicStore, trackId: number, instead: Partial<Row> = {}): GraphqlRequest {
  const track = store.tracks[trackId - 1] as Track;
  return {
    kind: 'graphql',
    operationName: 'TrackPage',
    query: `query TrackPage($id: Int!) {\n  track: trackByTrackId(trackId: $id) {\n    ${TRACK_FIELDS}\n  }\n}`,
    variables: { id: trackId },
    data: { track: select({ ...track, ...instead }, TRACK_FIELDS) },
  };
}

function albumsOfArtist(store: MusicStore, random: Random): GraphqlRequest {
  const artistId = random.pick(store.albums).artistId;
  const albums = store.albums.filter((album) => album.artistId === artistId);
  return {
    kind: 'graphql',
    operationName: 'ArtistPage',
    query: `query ArtistPage($artist: Int!) {\n  albums(where: { artistId: { _eq: $artist } }, limit: 20) {\n    albumId title releaseYear\n    artist { artistId name }\n  }\n}`,
    variables: { artist: artistId },
    data: {
      albums: albums.map((album) =>
        select(album, 'albumId title releaseYear', {
          artist: select(store.artists[artistId - 1] as Row, 'artistId name'),
        }),
      ),
    },
  };
}

function employeeList(store: MusicStore): GraphqlRequest {
  const fields = 'employeeId firstName lastName title email';
  return {
    kind: 'graphql',
    operationName: 'Staff',
    query: `query Staff {\n  employees(order_by: [{ employeeId: Asc }]) {\n    ${fields}\n  }\n}`,
    variables: null,
    data: { employees: store.employees.map((row) => select(row, fields)) },
  };
}

/** Fields of employees that only the office of the payroll has business with. */
export function employeePersonalData(store: MusicStore): GraphqlRequest {
  const fields = 'employeeId firstName lastName birthDate address phone salary';
  return {
    kind: 'graphql',
    operationName: 'Team',
    query: `query Team {\n  employees(limit: 50) {\n    ${fields}\n  }\n}`,
    variables: null,
    data: { employees: store.employees.map((row) => select(row, fields)) },
  };
}

/** From a track round to the tracks of everybody who bought it: ten levels. */
export function deepQuery(store: MusicStore, random: Random): GraphqlRequest {
  const track = random.pick(store.tracks);
  const nested = ['album', 'artist', 'albums', 'tracks', 'invoiceLines', 'invoice', 'customer', 'invoices'];
  const album = store.albums[track.albumId - 1] as Album;
  const artist = store.artists[album.artistId - 1] as Artist;
  const invoice = store.invoices[0] as Invoice;
  const customer = store.customers[invoice.customerId - 1] as Customer;
  let data = select(customer, 'customerId', { invoices: [select(invoice, 'invoiceId total')] });
  data = select(invoice, 'invoiceId', { customer: data });
  data = select(track, 'trackId', { invoiceLines: [{ quantity: 1, invoice: data }] });
  data = select(artist, 'artistId', { albums: [select(album, 'albumId', { tracks: [data] })] });
  data = select(track, 'trackId name', { album: select(album, 'albumId', { artist: data }) });
  const ids = ['albumId', 'artistId', 'albumId', 'trackId', 'quantity', 'invoiceId', 'customerId', 'invoiceId total'];
  const body = nested.reduceRight((inside, field, level) => `${field} { ${ids[level]} ${inside} }`, '');
  return {
    kind: 'graphql',
    operationName: 'Related',
    query: `query Related($id: Int!) {\n  tracks(where: { trackId: { _eq: $id } }) {\n    trackId name ${body}\n  }\n}`,
    variables: { id: track.trackId },
    data: { tracks: [data] },
  };
}

export function introspection(): GraphqlRequest {
  const types = ['Album', 'Artist', 'Customer', 'Employee', 'Invoice', 'InvoiceLine', 'Track'];
  return {
    kind: 'graphql',
    operationName: 'IntrospectionQuery',
    query: `query IntrospectionQuery {\n  __schema {\n    queryType { name }\n    types { kind name fields { name type { kind name ofType { kind name ofType { kind name } } } } }\n  }\n}`,
    variables: null,
    data: {
      __schema: {
        queryType: { name: 'Query' },
        types: types.map((name) => ({
          kind: 'OBJECT',
          name,
          fields: [{ name: 'name', type: { kind: 'SCALAR', name: 'String', ofType: null } }],
        })),
      },
    },
  };
}
