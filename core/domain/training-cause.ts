/** Why a version of a model was trained. */
export const TRAINING_CAUSES = [
  'first',
  'new_records',
  'new_column',
  'changed_type',
  'drift',
  'requested',
  'unreadable',
] as const;

export type TrainingCause = (typeof TRAINING_CAUSES)[number];
