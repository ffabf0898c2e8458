// Generated from openapi/ by `npm run generate`. Do not edit.

/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = 'f29c2d1720e8e732d5f82f9279c42b8c2655895bb505204a5f6819dfff1b66cf';
