/** SQL without the contents of its texts and quoted names: what is left are words and signs. */
export function wordsOf(sql: string): string {
  return sql.replaceAll(/'(?:[^']|'')*'/g, "''").replaceAll(/"[^"]*"/g, '""');
}

export interface SqlClause {
  /** What stands between two parentheses, or the whole. */
  readonly raw: string;
  /** The same with `()` for each pair of parentheses inside. */
  readonly text: string;
  /** What stands before the opening one, in the form of `text`; empty for the whole. */
  readonly before: string;
}

/** The parts of a statement by parentheses, inside out. Throws where they do not match. */
export function clausesOf(sql: string): SqlClause[] {
  const clauses: SqlClause[] = [];
  const signs = sql.replaceAll(/'(?:[^']|'')*'/g, "''");
  const open = [{ text: '', from: 0 }];
  for (let at = 0; at < signs.length; at++) {
    const innermost = open.at(-1) as { text: string; from: number };
    if (signs[at] === '(') open.push({ text: '', from: at + 1 });
    else if (signs[at] !== ')') innermost.text += signs[at];
    else {
      open.pop();
      const outer = open.at(-1);
      if (!outer) throw new Error(`A parenthesis too many: ${sql}`);
      clauses.push({ raw: signs.slice(innermost.from, at), text: innermost.text, before: outer.text });
      outer.text += '()';
    }
  }
  const [whole, ...unclosed] = open;
  if (!whole || unclosed.length > 0) throw new Error(`A parenthesis too few: ${sql}`);
  return [...clauses, { raw: signs, text: whole.text, before: '' }];
}
