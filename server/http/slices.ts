import type { Slices } from '../operation-types.ts';

interface ListBody {
  readonly data: readonly unknown[];
}

/** Renders the members of a list behind its items, with the closing brackets. */
function renderEnd({ data: _, ...rest }: ListBody): string {
  const members = JSON.stringify(rest);
  return members === '{}' ? ']}' : `],${members.slice(1)}`;
}

/**
 * Renders a list slice by slice. All slices but the last wait outside the heap of V8.
 * @param validate Throws when a slice breaks the description.
 * @param isGone Whether the client has closed the connection; the rest is not rendered then.
 * @throws the errors of the slices and of `validate`
 */
export async function renderSlices(
  slices: Slices<ListBody>,
  validate: (slice: ListBody) => void,
  isGone: () => boolean,
): Promise<readonly (string | Buffer)[]> {
  const chunks: Buffer[] = [];
  let [text, end] = ['{"data":[', ']}'];
  let hasItems = false;
  for await (const slice of slices) {
    if (isGone()) break;
    validate(slice);
    if (hasItems) {
      chunks.push(Buffer.from(text));
      text = slice.data.length > 0 ? ',' : '';
    }
    hasItems ||= slice.data.length > 0;
    text += JSON.stringify(slice.data).slice(1, -1);
    end = renderEnd(slice);
  }
  return [...chunks, text + end];
}
