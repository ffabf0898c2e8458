// @databases none
import { describe, expect, it } from 'vitest';
import { renderLlms } from '../../openapi/docs/llms.ts';
import { renderReference } from '../../openapi/docs/reference.ts';
import { type Bundle, completeBundle } from '../../openapi/generate/bundle.ts';
import { describeLibrary } from '../contract/library-description.ts';

const library = completeBundle(describeLibrary() as object as Bundle);
const reference = renderReference(library, 'library');
const section = (heading: string) => reference.split(`\n### ${heading}\n`)[1]?.split(/^### /m)[0] ?? '';

describe('the reference of a description without titles and provenance', () => {
  it('names nothing undefined', () => {
    // The samples of the client have `undefined` for arguments that are left out.
    expect(reference.replaceAll(/^```.*?^```/gms, '')).not.toMatch(/undefined|\[object Object\]/);
    expect(renderLlms(library, { markdown: 'docs.md', typescript: 'typescript.md' })).not.toContain('undefined');
  });

  it('links each body to its schema', () => {
    const either = '[PaperBook](#paperbook) or [AudioBook](#audiobook).';
    expect(section('replaceBook')).toContain(`\`application/json\`, required.\n\n${either}`);
    expect(section('replaceBook')).toContain(`\`application/json\`: ${either}`);
    expect(reference).toContain('\n### PaperBook\n');
  });

  it('says that an operation needs no token', () => {
    expect(section('getStatus')).toContain('`GET /books/status` · `getStatus` · no token');
    expect(section('getStatus')).toContain('`text/plain`: string.');
  });
});
