import type { MaskSpec } from '../domain/kill-switch-rule.ts';
import { type MaskPlan, MaskPlanDraft, type MaskSpecs, planOfWhole, specsByPath } from './mask-plan.ts';
import type { NdcAggregate, NdcField, NdcNested, NdcQuery, NdcRowSet, NdcTarget } from './ndc-query.ts';
import type { NdcRequestReading } from './ndc-request.ts';
import { type SchemaPath, lookUpPath } from './schema-path.ts';

/**
 * The plan for an NDC response (of a query: for each of its row sets), or null where no mask meets it. Paths are
 * `collection.column` or `connector.collection.column`, the names inside a column behind them; of a procedure or function
 * `name.part` of its result. A path masks what lies at it with all that is in it, so `collection` alone masks its rows.
 */
export function ndcMaskPlan({ connector, roots }: NdcRequestReading, masks: readonly MaskSpec[]): MaskPlan | null {
  const planner = { connector, specs: specsByPath(masks) };
  const [first] = roots;
  if (first?.kind === 'query') return planOfQuery(planner, first.query);
  const results = new MaskPlanDraft();
  for (const [index, root] of roots.entries()) {
    if (root.kind !== 'procedure') continue;
    const operation = new MaskPlanDraft();
    operation.addMember('result', planOfValue(planner, collectionPath(planner, root.name), root.field.nested));
    results.addPosition(index, operation.orNull());
  }
  const plan = new MaskPlanDraft();
  plan.addMember('operation_results', results.orNull());
  return plan.orNull();
}

interface Planner {
  readonly connector: string;
  readonly specs: MaskSpecs;
}

function planOfQuery(planner: Planner, query: NdcQuery): MaskPlanDraft | null {
  const path = collectionPath(planner, query.collection);
  const spec = lookUpPath(planner.specs, path);
  return spec ? new MaskPlanDraft(spec) : planOfRowSet(planner, path, query);
}

function planOfRowSet(planner: Planner, path: SchemaPath, rowSet: NdcRowSet): MaskPlanDraft | null {
  const plan = new MaskPlanDraft();
  plan.addMember('rows', planOfFields(planner, path, rowSet.fields));
  plan.addMember('aggregates', planOfAggregates(planner, path, rowSet.aggregates));
  plan.addMember('groups', planOfGroups(planner, path, rowSet));
  return plan.orNull();
}

function planOfFields(planner: Planner, path: SchemaPath, fields: readonly NdcField[]): MaskPlanDraft | null {
  const plan = new MaskPlanDraft();
  for (const field of fields) {
    plan.addMember(
      field.alias,
      field.kind === 'relationship'
        ? planOfQuery(planner, field.query)
        : planOfValue(planner, columnPath(path, field.column), field.nested),
    );
  }
  return plan.orNull();
}

function planOfValue(planner: Planner, path: SchemaPath, nested: NdcNested | null): MaskPlanDraft | null {
  if (!nested || lookUpPath(planner.specs, path)) return planOfWhole(planner.specs, path);
  return nested.kind === 'object'
    ? planOfFields(planner, path, nested.fields)
    : planOfRowSet(planner, path, nested.rowSet);
}

function planOfAggregates(
  planner: Planner,
  path: SchemaPath,
  aggregates: readonly NdcAggregate[],
): MaskPlanDraft | null {
  const plan = new MaskPlanDraft();
  for (const aggregate of aggregates) {
    if (aggregate.revealsValues) plan.addMember(aggregate.alias, planOfTarget(planner, path, aggregate));
  }
  return plan.orNull();
}

function planOfGroups(planner: Planner, path: SchemaPath, rowSet: NdcRowSet): MaskPlanDraft | null {
  const dimensions = new MaskPlanDraft();
  for (const [index, dimension] of rowSet.dimensions.entries()) {
    const owner = dimension.collection === null ? path : collectionPath(planner, dimension.collection);
    dimensions.addPosition(index, planOfTarget(planner, owner, dimension));
  }
  const plan = new MaskPlanDraft();
  plan.addMember('dimensions', dimensions.orNull());
  plan.addMember('aggregates', planOfAggregates(planner, path, rowSet.groupAggregates));
  return plan.orNull();
}

/** A mask of anything on the way to the value is one of the value. */
function planOfTarget({ specs }: Planner, owner: SchemaPath, { column, fieldPath }: NdcTarget): MaskPlanDraft | null {
  let path = owner;
  for (const step of [column, ...fieldPath]) {
    const spec = lookUpPath(specs, path);
    if (spec) return new MaskPlanDraft(spec);
    path = columnPath(path, step);
  }
  return planOfWhole(specs, path);
}

function collectionPath({ connector }: Planner, collection: string): SchemaPath {
  return { full: `${connector}.${collection}`, short: collection };
}

/** Under which a function answers its one value; its author need not spell it out. */
const FUNCTION_VALUE = '__value';

/** Both spellings of a column; names of collections and columns may be those of a connection's steps. */
function columnPath(path: SchemaPath, column: string): SchemaPath {
  const short = column === FUNCTION_VALUE ? path.short : `${path.short}.${column}`;
  return { full: `${path.full}.${column}`, short };
}
