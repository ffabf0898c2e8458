import type { ReceivedResponse } from './exchange.ts';

/** Bodies of responses: read up to a limit, decoded and parsed. */

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the reason why a body of more bytes is not read. */
export const describeLimit = (maxBytes: number) => `the response is larger than ${maxBytes} bytes`;

/** Reads a body up to a limit. @throws {Error} for a longer one */
export async function readBody({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    chunks.push(value);
    if (size <= maxBytes) continue;
    // Cancelling the body closes the connection.
    await reader.cancel();
    throw new Error(describeLimit(maxBytes));
  }
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes a body as UTF-8. The byte order mark stays in the text. */
export function decodeBody(bytes: Uint8Array): Pick<ReceivedResponse, 'text' | 'isUtf8' | 'json'> {
  const decode = () => {
    try {
      return { text: strictDecoder.decode(bytes), isUtf8: true };
    } catch {
      return { text: lenientDecoder.decode(bytes), isUtf8: false };
    }
  };
  const decoded = decode();
  return { ...decoded, json: parse(decoded.text.replace(/^\ufeff/, '')) };
}
