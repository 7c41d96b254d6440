import { unprocessable } from '../domain/errors.ts';
import type { DomainError } from '../domain/errors.ts';

/** Why a condition is refused: the language's only exception, thrown inside the compiler and caught by `checkCondition`. */
export class ConditionFault extends Error {
  override readonly name = 'ConditionFault';
  readonly position: number;

  /** @param position 0-based UTF-16 offset of what is wrong. */
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** A fault as its author sees it. */
export interface ConditionError {
  readonly message: string;
  /** 0-based UTF-16 offset in the condition's text. */
  readonly position: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The line (or 80 characters of it around the place) and, below it, a caret under the place. */
  readonly caret: string;
}

const EXCERPT = 80;

export function describeFault(text: string, fault: ConditionFault): ConditionError {
  const position = Math.min(fault.position, text.length);
  // lastIndexOf reads a start of -1 as 0 and would find a line break at the very place.
  const lineStart = position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
  const nextBreak = text.indexOf('\n', position);
  const source = text.slice(lineStart, nextBreak === -1 ? text.length : nextBreak).replace(/\r$/, '');
  const column = position - lineStart;
  const from = Math.max(0, Math.min(column - EXCERPT / 2, source.length - EXCERPT));
  // A tab would move the caret; each takes one column in both lines.
  const excerpt = source.slice(from, from + EXCERPT).replaceAll('\t', ' ');
  return {
    message: fault.message,
    position,
    line: text.slice(0, lineStart).split('\n').length,
    column: column + 1,
    caret: `${excerpt}\n${' '.repeat(column - from)}^`,
  };
}

/** The same fault for a surface: kind `unprocessable`, with position and caret line in the details. */
export function conditionRefused(error: ConditionError, path: string): DomainError {
  return unprocessable(
    'CONDITION_REFUSED',
    `${path}, line ${error.line}, column ${error.column}: ${error.message}\n${error.caret}`,
    { path, details: { ...error } },
  );
}
