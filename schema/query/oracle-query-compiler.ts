import { DefaultQueryCompiler } from 'kysely';

/**
 * Kysely has none for Oracle. A bare name is a name in capitals to Oracle, so names that statements give are bare
 * everywhere; the catalogue's, which are in lower case, are quoted by `Dialect.catalogueName`.
 */
export class OracleQueryCompiler extends DefaultQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return `:${this.numParameters}`;
  }
  protected override getLeftIdentifierWrapper(): string {
    return '';
  }
  protected override getRightIdentifierWrapper(): string {
    return '';
  }
}
