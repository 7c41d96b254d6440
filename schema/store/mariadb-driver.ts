import { MariaDbDriver, MariaDbPlatform } from '@mikro-orm/mariadb';

/** Exact in case, accents and trailing spaces: keys are equal where their bytes are. The query engine compares with it. */
export const MARIADB_COLLATION = 'utf8mb4_nopad_bin';

/** TEXT and BLOB of this family hold 64 KiB: a prompt or a model is longer. */
class StorePlatform extends MariaDbPlatform {
  override getTextTypeDeclarationSQL(): string {
    return 'longtext';
  }

  override getBlobDeclarationSQL(): string {
    return 'longblob';
  }
}

/** MikroORM's driver with column types that hold what the store writes. */
export class StoreDriver extends MariaDbDriver {
  override readonly platform: MariaDbPlatform = new StorePlatform();
}
