/** What both MariaDB drivers, the store's and the reader's, take to connect. */
export interface MariadbConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Encrypted, and the server's certificate checked against the system's and NODE_EXTRA_CA_CERTS. */
  readonly ssl?: { readonly rejectUnauthorized: true };
}

const DEFAULT_PORT = 3306;
const PARAMETERS: Readonly<Record<string, readonly string[]>> = { ssl: ['true', 'false'] };

/** Reads `mariadb://user:password@host:port/database?ssl=true`, once `mariadbUrlFault` found nothing in it. */
export function mariadbConnection(text: string): MariadbConnection {
  const url = new URL(text);
  return {
    host: url.hostname,
    port: Number(url.port || DEFAULT_PORT),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(url.searchParams.get('ssl') === 'true' && { ssl: { rejectUnauthorized: true } }),
  };
}

/** What is wrong with a MariaDB URL, in a sentence without its password. */
export function mariadbUrlFault(text: string): string | undefined {
  if (!URL.canParse(text) || new URL(text).pathname.length < 2)
    return 'A mariadb URL names a database: mariadb://user:password@host:port/database.';
  for (const [name, value] of new URL(text).searchParams) {
    if (!Object.hasOwn(PARAMETERS, name)) return `A mariadb URL has no parameter "${name}"; there is ssl=true.`;
    if (!PARAMETERS[name]?.includes(value)) return `A mariadb URL has ssl=true or ssl=false, not "${value}".`;
  }
  return undefined;
}
