import type { MaskSpec } from '../domain/kill-switch-rule.ts';
import { type MaskPlan, MaskPlanDraft, type MaskSpecs, addByNames, planOfWhole, specsByPath } from './mask-plan.ts';
import { ROOT_PATH, type SchemaPath, childPath, lookUpPath } from './schema-path.ts';
import type { Selection } from './selection.ts';

/** The plan for a GraphQL response, or null where no mask meets a selected field. */
export function graphqlMaskPlan(selection: Selection, masks: readonly MaskSpec[]): MaskPlan | null {
  return planOfResponse(planOfSelection(selection, specsByPath(masks), ROOT_PATH));
}

/** The plan by paths of response keys alone, where the document is not known: a client's alias escapes it. */
export function maskPlanByKeys(masks: readonly MaskSpec[]): MaskPlan | null {
  const plan = new MaskPlanDraft();
  for (const [path, spec] of specsByPath(masks)) addByNames(plan, path, spec);
  return planOfResponse(plan.orNull());
}

function planOfResponse(data: MaskPlanDraft | null): MaskPlan | null {
  const plan = new MaskPlanDraft();
  plan.addMember('data', data);
  return plan.orNull();
}

function planOfSelection(selection: Selection, specs: MaskSpecs, path: SchemaPath): MaskPlanDraft | null {
  const plan = new MaskPlanDraft();
  // All fields, not `byKey`: under two type conditions one key can hold a harmless field and a masked one.
  for (const field of selection.fields) {
    const at = childPath(path, field.name);
    const isWhole = field.selection === null || lookUpPath(specs, at) !== undefined;
    plan.addMember(field.key, isWhole ? planOfWhole(specs, at) : planOfSelection(field.selection, specs, at));
  }
  return plan.orNull();
}
