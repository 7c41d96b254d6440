/** Requests as the engine sends them: aliases of its own, columns of the connector. */
export const ALBUM_QUERY = {
  collection: 'Album',
  arguments: {},
  collection_relationships: {
    artist: {
      column_mapping: { ArtistId: ['ArtistId'] },
      relationship_type: 'object',
      target_collection: 'Artist',
      arguments: {},
    },
  },
  query: {
    fields: {
      f0: { type: 'column', column: 'Title' },
      f1: { type: 'column', column: 'Id' },
      f2: {
        type: 'relationship',
        relationship: 'artist',
        arguments: {},
        query: { fields: { g0: { type: 'column', column: 'Name' } } },
      },
    },
    predicate: {
      type: 'and',
      expressions: [
        {
          type: 'binary_comparison_operator',
          column: { type: 'column', name: 'Id' },
          operator: '_in',
          value: { type: 'scalar', value: [1, 2] },
        },
        {
          type: 'exists',
          in_collection: { type: 'related', relationship: 'artist', arguments: {} },
          predicate: {
            type: 'binary_comparison_operator',
            column: { type: 'column', name: 'Name' },
            operator: '_eq',
            value: { type: 'variable', name: '$name' },
          },
        },
      ],
    },
    order_by: { elements: [{ order_direction: 'desc', target: { type: 'column', name: 'Title', path: [] } }] },
    limit: 10,
  },
  variables: [{ $name: 'AC/DC' }, { $name: 'Accept' }],
};

/** One row set per variable set. */
export const ALBUM_RESPONSE = [
  { rows: [{ f0: 'Let There Be Rock', f1: 4, f2: { rows: [{ g0: 'AC/DC' }] } }] },
  {
    rows: [
      { f0: 'Balls to the Wall', f1: 2, f2: { rows: [{ g0: 'Accept' }] } },
      { f0: 'Untitled', f1: 3, f2: { rows: [] } },
    ],
  },
];

export const PROCEDURE_REQUEST = {
  operations: [
    {
      type: 'procedure',
      name: 'update_album',
      arguments: { id: 4, set: { title: 'x' } },
      fields: {
        type: 'object',
        fields: { a: { type: 'column', column: 'Id' }, b: { type: 'column', column: 'Title' } },
      },
    },
  ],
  collection_relationships: {},
};
