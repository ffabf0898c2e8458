// Generated from openapi/ by `npm run generate`. Do not edit.

/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = '5da607b89e36a8c338a1b37b8956a97befd1fd4564b09284f7064a49a30ce143';
