const sqliteUrl = /^sqlite:(?!\/\/)(.+)$/;
const postgresUrl = /^postgres(?:ql)?:\/\//;

/** The file of a `sqlite:` URL, undefined for any other URL. */
export function sqliteFile(url: string): string | undefined {
  return sqliteUrl.exec(url)?.[1];
}

/** Whether a URL is one of PostgreSQL. */
export const isPostgres = (url: string): boolean => postgresUrl.test(url) && URL.canParse(url);

/** What may be shown of a URL: where the database is, not who opens it with which password. */
export function describeDatabase(url: string): string {
  if (!isPostgres(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
