import { responsePointer } from './contract.ts';
import type { ResponseContext, Violation } from './violation.ts';

/** Checks of how the text of a response is encoded. */

const byteOrderMark = '\ufeff';

/** Reports a charset that JSON does not have: it is UTF-8 (RFC 8259, 8.1). */
export function checkCharset({ contract, operation, response }: ResponseContext): Violation[] {
  const [, charset = 'utf-8'] = /;\s*charset="?([^";]*)/i.exec(response.headers.get('content-type') ?? '') ?? [];
  if (/^utf-8$/i.test(charset.trim()) || !contract.includes('extension')) return [];
  const message = `the charset of a response is ${charset}, not UTF-8`;
  const pointer = responsePointer(operation, response.status);
  return [{ check: 'content_type_conformance', message, pointer, provenance: 'extension' }];
}

/** Returns violations of the encoding of JSON (RFC 8259, 8.1), which parsers that forgive them hide. */
export function checkEncoding({ operation, response }: ResponseContext): Violation[] {
  const { text, isUtf8 = true } = response;
  const messages = [
    ...(text.startsWith(byteOrderMark) ? ['the body starts with a byte order mark'] : []),
    ...(isUtf8 ? [] : ['the body is not UTF-8']),
  ];
  const check = 'response_schema_conformance' as const;
  const pointer = responsePointer(operation, response.status);
  return messages.map((message) => ({ check, message, pointer, provenance: 'documented' }));
}
