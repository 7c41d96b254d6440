/** What a condition may cost. Over a limit a condition is refused, or its evaluation is an error; never slow. */
export const LIMITS = {
  /** UTF-16 units of a condition's text. */
  textLength: 8_192,
  /** Parentheses, brackets, calls, conditionals and prefix operators inside one another. */
  nesting: 64,
  /** Nodes of the syntax tree; the literals of a list count as one, since they compile to one table. */
  nodes: 1_000,
  listLength: 1_000,
  patternLength: 512,
  /** Characters and classes of a pattern with its counted repeats written out. */
  patternAtoms: 4_096,
  /** UTF-16 units of a string that a pattern searches. */
  searchedLength: 65_536,
  /**
   * Atoms of a pattern times length of the string, for a pattern that may need a step per atom and character: bounds a
   * search to some 50 ms whatever the text.
   */
  searchSteps: 3_000_000,
  /** Runs of the body of `exists` and `all`, summed over one evaluation. */
  steps: 10_000,
  /** Levels of lists and maps that `==` descends. */
  equalityDepth: 64,
  /** UTF-16 units of a string that `+` makes. */
  joinedLength: 1_048_576,
  /**
   * Elements compared and characters searched in one evaluation: room for 64 patterns on the longest string, and a bound on what `in` and `=~`
   * may cost inside a loop over a list that the client chose.
   */
  work: 64 * 65_536,
} as const;
