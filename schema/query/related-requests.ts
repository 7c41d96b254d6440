import { decoderOf } from './codec.ts';
import type { Dialect } from './dialect.ts';
import type { RelatedRows, RelatedValues } from './evaluate-path.ts';
import type { RowSet } from './form.ts';
import { keyKind } from './lower-related.ts';
import type { LoweredRelated } from './lower-query.ts';
import type { QueryPlan, RelatedPlan, RequestPlan } from './plan.ts';
import type { CompiledSql, Cells } from './query-runner.ts';
import { sourceJson } from './source-json.ts';

/** Scalars need none. */
const NO_CATALOGUE = { collections: new Map() };

interface Asked {
  readonly rows: readonly unknown[];
  readonly set: number;
  /** Filled in once the database has said what it knows. */
  readonly answer: RowSet;
  readonly evaluate: (related: RelatedRows) => RowSet;
}

/**
 * Queries over values in memory whose conditions, sort keys or dimensions look at collections: gathered while rows are
 * shaped, then asked of the database with one statement per query of the request, however many lists it is over.
 */
export class RelatedRequests {
  readonly #dialect: Dialect;
  readonly #request: RequestPlan;
  readonly #asked = new Map<QueryPlan, Asked[]>();

  constructor(dialect: Dialect, request: RequestPlan) {
    this.#dialect = dialect;
    this.#request = request;
  }

  /** The answer to come. */
  add(plan: QueryPlan, rows: readonly unknown[], set: number, evaluate: Asked['evaluate']): RowSet {
    const answer: RowSet = {};
    const asked = this.#asked.get(plan) ?? [];
    asked.push({ rows, set, answer, evaluate });
    this.#asked.set(plan, asked);
    return answer;
  }

  /** Fills the answers; those of outer queries add inner ones, which come after them in `lowered`. */
  async fill(
    lowered: readonly LoweredRelated[],
    run: (statement: CompiledSql, parameter: string, plan: QueryPlan) => Promise<readonly Cells[]>,
  ): Promise<void> {
    for (const { plan, related, statement } of lowered) {
      const asked = this.#asked.get(plan) ?? [];
      const source = asked.flatMap(({ rows, set }) => rows.map((value) => ({ set, keys: [], value })));
      const known: RelatedValues[] = [];
      if (source.length > 0) {
        const cells = await run(statement, sourceJson(this.#dialect, this.#request, plan, source), plan);
        for (const [ordinal, ...values] of cells) known[Number(ordinal)] = relatedValues(related, values);
      }
      let first = 0;
      for (const { rows, answer, evaluate } of asked) {
        const own = new Map(rows.map((row, i) => [row, known[first + i] as RelatedValues]));
        first += rows.length;
        Object.assign(answer, evaluate(own));
      }
    }
  }
}

function relatedValues({ predicate, sorts, dimensions }: RelatedPlan, cells: Cells): RelatedValues {
  const values = predicate ? cells.slice(1) : cells;
  const keys = [...sorts, ...dimensions].map((key, i) => {
    const decode = decoderOf(NO_CATALOGUE, { type: { type: 'scalar', scalar: keyKind(key) }, nullable: true });
    const cell = values[i];
    return [key, cell === null || cell === undefined ? null : decode(cell)] as const;
  });
  return { ...(predicate ? { matches: Number(cells[0]) === 1 } : {}), keys: new Map(keys) };
}
