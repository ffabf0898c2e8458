/** Entity tags (RFC 9110, section 8.8.3): strong, made from the version of an app. */

/** Returns the `ETag` of a version. */
export const toETag = (version: number): string => `"v${version}"`;

/** Parses a list of entity tags. Returns undefined for `*`, which matches every version. */
function parse(header: string): { version: number; isWeak: boolean }[] | undefined {
  if (header === '*') return undefined;
  const tags = [...header.matchAll(/(W\/)?"([!#-~]*)"/g)];
  return tags.flatMap(([, weak, tag = '']) => {
    const [, digits] = /^v([1-9]\d{0,14})$/.exec(tag) ?? [];
    return digits === undefined ? [] : [{ version: Number(digits), isWeak: weak !== undefined }];
  });
}

/**
 * Lists the versions that an `If-Match` matches; undefined for all. Weak tags never match there.
 * @see RFC 9110, section 13.1.1
 */
export function versionsOf(ifMatch: string | undefined): number[] | undefined {
  const tags = ifMatch === undefined ? undefined : parse(ifMatch);
  return tags?.filter(({ isWeak }) => !isWeak).map(({ version }) => version);
}

/**
 * Whether an `If-None-Match` matches a version, so that the client has it already.
 * @see RFC 9110, section 13.1.2
 */
export function isKnown(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  return parse(ifNoneMatch)?.some((tag) => tag.version === version) ?? true;
}
