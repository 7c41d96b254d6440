import type { SchemaResponse } from '@hasura/ndc-sdk-typescript';
import { type HmlNames, hmlNames } from './hml-names.ts';
import type { ProjectOptions } from './project-options.ts';

/** What every writer of documents looks things up in. */
export interface MetadataContext {
  readonly schema: SchemaResponse;
  /** Name of the connector link. */
  readonly link: string;
  readonly names: HmlNames;
  /** Scalar of counts; the engine's default is `Int`, a connector that counts in another one says so. */
  readonly countScalar: string;
  /** Roles that read everything: `admin` and those of the options. */
  readonly readers: readonly string[];
}

export function metadataContext(schema: SchemaResponse, options: ProjectOptions): MetadataContext {
  return {
    schema,
    link: options.link,
    names: hmlNames(options),
    countScalar: schema.capabilities?.query?.aggregates?.count_scalar_type ?? 'Int',
    readers: ['admin', ...options.readerRoles],
  };
}
