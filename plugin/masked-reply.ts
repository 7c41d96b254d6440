import { createHmac } from 'node:crypto';
import { parseExactJson } from '../core/document/exact-json.ts';
import { property } from '../core/document/foreign-object.ts';
import { type MaskPlan, applyMaskPlan } from '../core/document/mask-plan.ts';
import type { KeyedHash } from '../core/document/pseudonym.ts';
import { type HookReply, continueRequest, respond } from './hook-reply.ts';

export interface MaskedReplyInput {
  /** The body of the hook call. */
  readonly text: string;
  /** Where in it the response stands. */
  readonly part: 'response' | 'ndcResponse';
  readonly plan: MaskPlan;
  /** The reply where the response can't be masked. */
  readonly withheld: HookReply;
}

export type MaskedReply = (input: MaskedReplyInput) => HookReply;

/** Replies with the response masked and otherwise as it was, numbers to the digit. */
export function createMaskedReply(key: string): MaskedReply {
  const hash = createKeyedHash(key);
  return ({ text, part, plan, withheld }) => {
    try {
      const masked = applyMaskPlan(property(parseExactJson(text), part), plan, hash);
      if (masked.isUncertain) return withheld;
      return masked.count === 0 ? continueRequest() : respond(masked.value);
    } catch (error) {
      // A value nested by the thousand can't be written again.
      if (error instanceof RangeError) return withheld;
      throw error;
    }
  };
}

function createKeyedHash(key: string): KeyedHash {
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}
