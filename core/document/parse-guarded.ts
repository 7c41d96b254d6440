import {
  type DocumentNode,
  GraphQLError,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  Source,
  TokenKind,
  parse,
} from 'graphql';

/**
 * Parsing of GraphQL text that nobody has checked yet. The parser is recursive, so text is measured with its own lexer
 * before: a document beyond a limit is refused by name and can neither exhaust the stack nor the clock.
 */
export interface DocumentLimits {
  /** UTF-16 units of the text; the engine accepts requests of 10 MB. */
  readonly maxCharacters: number;
  readonly maxTokens: number;
  /** Brackets of any kind inside each other, fragments inside fragments, and levels of selection after expansion. */
  readonly maxNesting: number;
  /** Fields and fragments visited while fragments are expanded: nested fragments can double at each level. */
  readonly maxSelections: number;
  /** Of the paths of all fields and arguments together: one long name stands in the path of everything below it. */
  readonly maxPathCharacters: number;
}

export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  maxCharacters: 512 * 1_024,
  maxTokens: 20_000,
  maxNesting: 100,
  maxSelections: 20_000,
  maxPathCharacters: 2 * 1_024 * 1_024,
};

/** Why a document could not be read. */
export const UNREADABLE_REASONS = ['absent', 'syntax', 'no-operation', 'too-large', 'too-deep'] as const;
export type UnreadableReason = (typeof UNREADABLE_REASONS)[number];

/**
 * The engine runs none of these, or (`absent`) the hook is configured without the query, so that no rule can tell anything
 * from it. What only we can't read the engine may well run.
 */
export const ENGINE_REFUSES: ReadonlySet<UnreadableReason> = new Set(['absent', 'syntax', 'no-operation']);

/** Internal to core/document: thrown by the passes, turned into a value by `readDocument` and `stripDocument`. */
export class UnreadableError extends Error {
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason) {
    super(`unreadable document: ${reason}`);
    this.reason = reason;
  }
}

/** @throws UnreadableError */
export function parseGuarded(text: string, limits: DocumentLimits): DocumentNode {
  if (text.length > limits.maxCharacters) throw new UnreadableError('too-large');
  try {
    measureTokens(text, limits);
    return parse(text, { noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) throw new UnreadableError('syntax');
    throw error;
  }
}

/** The operation that the engine would run; like it, an absent name is allowed only where there is one operation. */
export function selectOperation(document: DocumentNode, operationName: string | null): OperationDefinitionNode {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const selected = operationName
    ? operations.find((operation) => operation.name?.value === operationName)
    : operations.length === 1
      ? operations[0]
      : undefined;
  if (!selected) throw new UnreadableError('no-operation');
  return selected;
}

const OPENING: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

function measureTokens(text: string, limits: DocumentLimits): void {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let nesting = 0;
  for (let kind = lexer.advance().kind; kind !== TokenKind.EOF; kind = lexer.advance().kind) {
    if (++tokens > limits.maxTokens) throw new UnreadableError('too-large');
    if (OPENING.has(kind)) nesting++;
    else if (CLOSING.has(kind)) nesting--;
    if (nesting > limits.maxNesting) throw new UnreadableError('too-deep');
  }
}
