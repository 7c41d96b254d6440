import { unprocessable } from '../domain/errors.ts';
import { FACT_SCHEMAS } from './ddn-facts.ts';
import { checkCondition } from './condition.ts';
import { describeFault, ConditionFault, conditionRefused } from './fault.ts';
import { parseCondition } from './parse.ts';
import { printCondition } from './print.ts';
import { childrenOf, type Node } from './syntax-tree.ts';

/** What a template may ask of a finding, as `finding.<name>`. */
export const PLACEHOLDERS = ['role', 'user', 'dataset', 'operation'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type PlaceholderValues = Readonly<Record<Placeholder, string | null>>;

/** A condition with places for what a finding is about. */
export interface ConditionTemplate {
  /** The condition for one finding; null where the finding lacks a value that it asks for. */
  conditionFor(values: PlaceholderValues): string | null;
}

const FINDING = 'finding';

/**
 * Reads a template such as ``session.`x-hasura-user-id` == finding.user``. A value is put into the tree as a literal and
 * never into the text, so that no value can become a part of the condition.
 *
 * @throws DomainError `unprocessable` where the condition with any values is refused.
 */
export function parseTemplate(text: string, namespace: string): ConditionTemplate {
  const tree = parsed(text);
  const asked = new Set(placeholdersIn(tree));
  const unknown = [...asked].find((name) => !PLACEHOLDERS.some((known) => known === name));
  if (unknown !== undefined) {
    throw unprocessable('TEMPLATE', `There is no finding.${unknown}; there are ${PLACEHOLDERS.join(', ')}.`);
  }
  const fill = (values: PlaceholderValues) => printCondition(filled(tree, values));
  const sample = checkCondition(fill({ role: 'a', user: 'a', dataset: 'a', operation: 'a' }), {
    schema: FACT_SCHEMAS.get(namespace) ?? null,
  });
  if (!sample.ok) throw conditionRefused(sample.error, 'condition');
  return {
    conditionFor: (values) => ([...asked].some((name) => values[name as Placeholder] === null) ? null : fill(values)),
  };
}

function parsed(text: string): Node {
  try {
    return parseCondition(text);
  } catch (error) {
    if (error instanceof ConditionFault) throw conditionRefused(describeFault(text, error), 'condition');
    throw error;
  }
}

function placeholdersIn(node: Node): string[] {
  const own = placeholderOf(node);
  return own === null ? childrenOf(node).flatMap(placeholdersIn) : [own];
}

function placeholderOf(node: Node): string | null {
  const isPlaceholder = node.kind === 'member' && node.object.kind === 'name' && node.object.name === FINDING;
  return isPlaceholder ? node.name : null;
}

function filled(node: Node, values: PlaceholderValues): Node {
  const name = placeholderOf(node);
  if (name !== null) {
    const { start, end } = node;
    return { kind: 'literal', value: values[name as Placeholder], start, end };
  }
  const fill = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(fill);
    return isNode(part) ? filled(part, values) : part;
  };
  return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, fill(part)])) as unknown as Node;
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && Object.hasOwn(part, 'kind');
}
