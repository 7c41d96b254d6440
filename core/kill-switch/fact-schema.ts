import type { Stage } from '../domain/decision.ts';
import { badRequest } from '../domain/errors.ts';
import { ANY, TYPE_BITS } from './static-types.ts';
import type { StaticType } from './static-types.ts';
import { isMap, typeOf } from './values.ts';

export const FACT_TYPES = ['string', 'number', 'boolean', 'list', 'map', 'timestamp', 'duration'] as const;
export type FactType = (typeof FACT_TYPES)[number];

export interface FactDef {
  readonly type: FactType;
  /** Where in a request the fact is known; absent: everywhere. */
  readonly stages?: readonly Stage[];
}

/** What the facts of a namespace hold. Maps are open: their keys are not declared. */
export interface FactSchema {
  readonly name: string;
  /** Whether a fact may hold names that are not declared. */
  readonly open: boolean;
  readonly facts: ReadonlyMap<string, FactDef>;
}

/** What is known of a name: undeclared, it can be anything; declared, it is of its type or absent, which reads as null. */
export function factType(schema: FactSchema | null, name: string): StaticType {
  const fact = schema?.facts.get(name);
  return fact === undefined ? ANY : TYPE_BITS[fact.type] | TYPE_BITS.null;
}

/**
 * Reads a schema written as JSON: `{"open": false, "facts": {"WORKFLOW": "string", "amount": "number"}}`.
 *
 * @throws DomainError `FACT_SCHEMA_INVALID` that names the entry.
 */
export function parseFactSchema(name: string, json: unknown): FactSchema {
  if (!isMap(json) || !isMap(json['facts'])) {
    throw badRequest('FACT_SCHEMA_INVALID', 'A fact schema is {"open": true|false, "facts": {"name": "type"}}.');
  }
  const facts = new Map<string, FactDef>();
  for (const [fact, type] of Object.entries(json['facts'])) {
    if (!FACT_TYPES.includes(type as FactType)) {
      throw badRequest(
        'FACT_SCHEMA_INVALID',
        `The type of "${fact}" must be one of ${FACT_TYPES.join(', ')}, not ${typeof type === 'string' ? `"${type}"` : typeOf(type)}.`,
        { path: `facts.${fact}` },
      );
    }
    facts.set(fact, { type: type as FactType });
  }
  return { name, open: json['open'] === true, facts };
}
