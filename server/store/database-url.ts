const sqliteUrl = /^sqlite:(?!\/\/)(.+)$/;

/** The file of a `sqlite:` URL, undefined for any other URL. */
export function sqliteFile(url: string): string | undefined {
  return sqliteUrl.exec(url)?.[1];
}
