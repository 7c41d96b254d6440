import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { generate, type PlacedDocument } from './generated-metadata.ts';

const SCHEMA_FILE = resolve(import.meta.dirname, '../../../shared/reference/open-dds.schema.json');
const isPresent = existsSync(SCHEMA_FILE);

/** Project files of the `ddn` command line, which the Open DDS schema does not describe. */
const PROJECT_KINDS = new Set(['Supergraph', 'Subgraph']);

describe.skipIf(!isPresent)(`the Open DDS schema (skipped where ${SCHEMA_FILE} is absent)`, () => {
  let validate: ValidateFunction;

  beforeAll(() => {
    validate = new Ajv({ strict: false, allErrors: true, logger: false }).compile(
      JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object,
    );
  });

  const faultsOf = (documents: readonly PlacedDocument[]): string[] =>
    documents
      .filter(({ document }) => !PROJECT_KINDS.has(document.kind))
      .flatMap(({ path, document }) => {
        const isValid: boolean = validate(document);
        if (isValid) return [];
        return [`${path} ${document.kind}: ${JSON.stringify(mostSpecific(validate.errors ?? []), null, 1)}`];
      });

  it('accepts every document', () => {
    const documents = generate({ observe: [{ subgraph: 'app', connectors: ['chinook'] }] });
    expect(documents.length).toBeGreaterThan(100);
    expect(faultsOf(documents)).toEqual([]);
  });

  it('accepts every document of a project with its own names', () => {
    expect(
      faultsOf(
        generate({
          subgraph: 'guard',
          link: 'sentinel',
          graphqlPrefix: 'sentinel',
          userIdVariable: 'x-hasura-user-id',
        }),
      ),
    ).toEqual([]);
  });

  it('refuses a document with an unknown key, so that the tests above can fail', () => {
    const documents = generate();
    const model = documents.find(({ document }) => document.kind === 'Model') as PlacedDocument;
    const spoilt = { ...model.document, definition: { ...model.document.definition, nickname: 'x' } };
    expect(faultsOf([{ path: model.path, document: spoilt }])).toHaveLength(1);
  });
});

/** Every kind of the union complains; the complaints furthest inside are about the kind that was meant. */
function mostSpecific(errors: NonNullable<ValidateFunction['errors']>): unknown[] {
  const depth = (path: string): number => path.split('/').length;
  const deepest = Math.max(...errors.map(({ instancePath }) => depth(instancePath)));
  return errors.filter(({ instancePath }) => depth(instancePath) === deepest).slice(0, 5);
}
