// Generated from openapi/ by `npm run generate`. Do not edit.

/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = 'bc7760a4344d77621a7439df247567ac17c5a64719b8194d1feca70536bc85ee';
