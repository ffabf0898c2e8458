/** Reads the guides: pages about a subject, beside the reference of the operations. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findGuides } from '../root.ts';

/** A guide in Markdown. */
export interface Guide {
  /** The title. The guide to authentication has that of the section which the description begins. */
  readonly title: string;
  /** The text below the title. It has no headings, because Redoc hides the text below them. */
  readonly text: string;
}

/** The server in the samples of the guides: the one of this repository, whose extensions they use. */
export const guideServer = 'http://127.0.0.1:3000';

/** The file of the guide that follows the security schemes. */
const authentication = 'authentication';
/** The files of the other guides, in the order of the page. */
const subjects = ['errors', 'paging', 'retries', 'secrets', 'conformance'] as const;

async function readGuide(name: string): Promise<Guide> {
  const [heading = '', ...lines] = (await readFile(join(findGuides(), `${name}.md`), 'utf8')).split('\n');
  return { title: heading.replace('# ', ''), text: lines.join('\n').trim() };
}

/** The guides of the docs. */
export interface Guides {
  readonly authentication: Guide;
  readonly subjects: readonly Guide[];
}

/**
 * Reads the guides.
 *
 * @throws Error when a file is missing.
 */
export async function readGuides(): Promise<Guides> {
  const [first, ...others] = await Promise.all([authentication, ...subjects].map(readGuide));
  return { authentication: first as Guide, subjects: others };
}
