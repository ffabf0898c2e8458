/** Entity tags (RFC 9110, section 8.8.3): strong, made from the version of an app. */

/** The `ETag` of a version. */
export const toETag = (version: number): string => `"v${version}"`;

/** A list of entity tags, `*` as undefined: it lets any version through. */
function parse(header: string): { version: number; isWeak: boolean }[] | undefined {
  if (header === '*') return undefined;
  const tags = [...header.matchAll(/(W\/)?"([!#-~]*)"/g)];
  return tags.flatMap(([, weak, tag = '']) => {
    const [, digits] = /^v([1-9]\d{0,14})$/.exec(tag) ?? [];
    return digits === undefined ? [] : [{ version: Number(digits), isWeak: weak !== undefined }];
  });
}

/** The versions that an `If-Match` lets through; undefined for all. Weak tags never match there (section 13.1.1). */
export function versionsOf(ifMatch: string | undefined): number[] | undefined {
  const tags = ifMatch === undefined ? undefined : parse(ifMatch);
  return tags?.filter(({ isWeak }) => !isWeak).map(({ version }) => version);
}

/** Whether an `If-None-Match` says that the caller has this version already (section 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  return parse(ifNoneMatch)?.some((tag) => tag.version === version) ?? true;
}
