/** Entity tags (RFC 9110, section 8.8.3): strong, made from the version of an app, and from its health unless it is well. */

/** Returns the `ETag` of a version: `"v3"`, or `"v3-warn.mc1x2"` where the health is not `ok`. */
export const toETag = (version: number, healthTag?: string): string =>
  `"v${version}${healthTag === undefined ? '' : `-${healthTag}`}"`;

/** Parses a list of entity tags. Returns undefined for `*`, which matches every version. */
function parse(header: string): { tag: string; version: number; isWeak: boolean }[] | undefined {
  if (header === '*') return undefined;
  const tags = [...header.matchAll(/(W\/)?"([!#-~]*)"/g)];
  return tags.flatMap(([, weak, tag = '']) => {
    const [, digits] = /^v([1-9]\d{0,14})(?:-(?:warn|error)\.[\da-z]+)?$/.exec(tag) ?? [];
    return digits === undefined ? [] : [{ tag: `"${tag}"`, version: Number(digits), isWeak: weak !== undefined }];
  });
}

/**
 * Lists the versions that an `If-Match` matches; undefined for all. Weak tags never match there. The health does not
 * count: a write depends on what clients wrote, and a rotation of keys is none of theirs.
 * @see RFC 9110, section 13.1.1
 */
export function versionsOf(ifMatch: string | undefined): number[] | undefined {
  const tags = ifMatch === undefined ? undefined : parse(ifMatch);
  return tags?.filter(({ isWeak }) => !isWeak).map(({ version }) => version);
}

/**
 * Whether an `If-None-Match` matches an entity tag, so that the client has its app already, health included.
 * @see RFC 9110, section 13.1.2
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return parse(ifNoneMatch)?.some(({ tag }) => tag === etag) ?? true;
}
