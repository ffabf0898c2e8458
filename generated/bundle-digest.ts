// Generated from openapi/ by `npm run generate`. Do not edit.

/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = 'eb423b81ca8c6733f06c4208bcb69946d9ce344ec643316eac0e52a3e64b8c92';
