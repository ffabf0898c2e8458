// Generated from openapi/ by `npm run generate`. Do not edit.

/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = '427c2d63e9a8b328603c208ccf01523a23dce5190b7dc49985a157a11809a7f7';
