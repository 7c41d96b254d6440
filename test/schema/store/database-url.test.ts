import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it, vi } from 'vitest';
import { MARIADB_PACKAGES, openDatabase } from '../../../schema/store/database.ts';
import { parseDatabaseUrl } from '../../../schema/store/database-url.ts';

it.each([
  ['sqlite:./data/sentinel.db', { dialect: 'sqlite', path: './data/sentinel.db' }],
  ['sqlite:///var/lib/sentinel.db', { dialect: 'sqlite', path: '/var/lib/sentinel.db' }],
  ['postgres://a@b/c', { dialect: 'postgresql', url: 'postgres://a@b/c' }],
  ['MariaDB://a@b/c', { dialect: 'mariadb', url: 'MariaDB://a@b/c' }],
])('reads %s', (url, location) => {
  expect(parseDatabaseUrl(url)).toEqual(location);
});

it.each([
  ['sqlite:', /names a file/],
  ['mysql://root:hunter2@db/x', /MySQL is not supported.*mariadb:\/\//],
  ['mariadb://root:hunter2@db', /names a database/],
  ['mariadb://root:hunter2@db:port/x', /names a database/],
  ['mariadb://root:hunter2@db/x?sslmode=require', /no parameter "sslmode"; there is ssl=true/],
  ['mariadb://root:hunter2@db/x?ssl=1', /ssl=true or ssl=false, not "1"/],
  ['sqlserver://sa:hunter2@db/x', /"sqlserver:"; expected sqlite:<path>, postgresql:\/\/… or mariadb:\/\/…/],
  ['oracle://system:hunter2@db/x', /"oracle:"; expected sqlite:<path>, postgresql:\/\/… or mariadb:\/\/…/],
])('refuses %s, without its password', (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(expect.objectContaining({ kind: 'bad-request', code: 'DATABASE_URL' }));
  expect(() => parseDatabaseUrl(url)).toThrow(message);
  expect(() => parseDatabaseUrl(url)).not.toThrow(/hunter2/);
});

it('names the packages to install where the driver is missing, at the versions that fit', async () => {
  const { peerDependencies } = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../package.json'), 'utf8'),
  ) as { peerDependencies: Record<string, string> };
  expect(Object.entries(peerDependencies).map(([name, version]) => `${name}@${version}`)).toEqual(
    expect.arrayContaining([...MARIADB_PACKAGES]),
  );

  vi.doMock('@mikro-orm/mariadb', () => {
    throw new Error("Cannot find package '@mikro-orm/mariadb'");
  });
  const opening = openDatabase({ dialect: 'mariadb', url: 'mariadb://x@127.0.0.1:1/x' });
  await expect(opening).rejects.toMatchObject({
    kind: 'unsupported',
    message: expect.stringContaining(`npm install ${MARIADB_PACKAGES.join(' ')}`),
  });
  vi.doUnmock('@mikro-orm/mariadb');
});
