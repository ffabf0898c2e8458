const sqliteUrl = /^sqlite:(?!\/\/)(.+)$/;
const postgresUrl = /^postgres(?:ql)?:\/\//;

/** Returns the file of a `sqlite:` URL; undefined for every other URL. */
export function sqliteFile(url: string): string | undefined {
  return sqliteUrl.exec(url)?.[1];
}

/** Whether a URL names a PostgreSQL database. */
export const isPostgres = (url: string): boolean => postgresUrl.test(url) && URL.canParse(url);

/** Returns a URL without user and password, which may be shown. */
export function describeDatabase(url: string): string {
  if (!isPostgres(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
