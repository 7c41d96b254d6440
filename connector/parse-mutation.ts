import type { NestedFieldForm, RelationshipForm } from '../schema/query/form.ts';
import type { JsonNode } from './json-node.ts';
import { parseNestedField, parseRelationships, refuseRequestArguments } from './parse-query.ts';

/** A MutationRequest of the protocol, read whole. */
export interface ParsedMutationRequest {
  readonly operations: readonly ParsedOperation[];
  readonly relationships: ReadonlyMap<string, RelationshipForm>;
}

export interface ParsedOperation {
  readonly procedure: string;
  /** Name → raw JSON value; operations know neither literals nor variables. */
  readonly arguments: ReadonlyMap<string, unknown>;
  /** What to select of the result; undefined: all of it. */
  readonly fields: NestedFieldForm | undefined;
  /** Where the operation stands, for errors: `operations[1]`. */
  readonly path: string;
}

export function parseMutationRequest(request: JsonNode): ParsedMutationRequest {
  refuseRequestArguments(request);
  return {
    operations: request.required('operations').list().map(parseOperation),
    relationships: parseRelationships(request),
  };
}

function parseOperation(node: JsonNode): ParsedOperation {
  return node.tagged({
    procedure: (procedure) => {
      const fields = procedure.optional('fields');
      return {
        procedure: procedure.required('name').string(),
        arguments: procedure.required('arguments').map((argument) => argument.value),
        fields: fields ? parseNestedField(fields) : undefined,
        path: procedure.path,
      };
    },
  });
}
