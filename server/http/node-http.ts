/**
 * The values of `node:http` that the server uses. An import of the module by name would read every one of its exports and
 * with them load undici, which takes a tenth of a start and is used by nothing here.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
