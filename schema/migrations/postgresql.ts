import { Initial } from './postgresql/0001-initial.ts';

/** Applied in this order, forward only; a name never changes once released. */
export const POSTGRESQL_MIGRATIONS = [{ name: '0001-initial', class: Initial }];
