import { badRequest } from '../../core/domain/errors.ts';
import type { DialectName } from '../catalogue.ts';
import { mariadbUrlFault } from '../mariadb-url.ts';

/** Where the store lives, read from `DATABASE_URL`. */
export type DatabaseLocation =
  | { readonly dialect: 'sqlite'; readonly path: string }
  | { readonly dialect: 'postgresql'; readonly url: string; readonly schema?: string }
  | { readonly dialect: 'mariadb'; readonly url: string };

const SCHEMES: Readonly<Record<string, DialectName>> = {
  'sqlite:': 'sqlite',
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'mariadb:': 'mariadb',
};

/** Databases that look like they should work, and why they don't. */
const REFUSED: Readonly<Record<string, string>> = {
  'mysql:': 'MySQL is not supported; a MariaDB server is named mariadb://…',
};

/** @throws DomainError naming the scheme (never the URL, which may hold a password). */
export function parseDatabaseUrl(url: string): DatabaseLocation {
  const scheme = /^[a-z][a-z0-9+]*:/i.exec(url)?.[0].toLowerCase() ?? '';
  const dialect = SCHEMES[scheme];
  switch (dialect) {
    case 'sqlite': {
      const path = url.slice(scheme.length).replace(/^\/\/(?=\/)/, '');
      if (path === '')
        throw badRequest('DATABASE_URL', 'A sqlite URL names a file, such as sqlite:./data/sentinel.db.');
      return { dialect, path };
    }
    case 'postgresql':
      return { dialect, url };
    case 'mariadb': {
      const fault = mariadbUrlFault(url);
      if (fault !== undefined) throw badRequest('DATABASE_URL', fault);
      return { dialect, url };
    }
    default:
      throw badRequest(
        'DATABASE_URL',
        REFUSED[scheme] ??
          `The database URL starts with "${scheme || url.slice(0, 8)}"; expected sqlite:<path>, postgresql://… or mariadb://….`,
      );
  }
}
