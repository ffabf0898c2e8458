/** The documents of the client and of the docs, and the programs in them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readGuides } from '../../openapi/docs/guides.ts';
import { root } from '../helpers/process.ts';
import { readBlocks } from './programs.ts';

const read = (file: string) => readFile(join(root, file), 'utf8');
const readme = await read('README.md');
const isProgram = ({ language }: { language: string }) => language === 'ts';

export const clientGuide = await read('client/README.md');
export const guides = await readGuides();
/** Code blocks of the guides of the docs. */
export const docsBlocks = [guides.authentication, ...guides.subjects].flatMap(({ title, text }) =>
  readBlocks(text, title),
);
/** TypeScript programs of all documents. */
export const programs = [
  ...readBlocks(clientGuide).filter(isProgram),
  ...readBlocks(readme).filter(isProgram),
  ...docsBlocks.filter(isProgram).map((block) => ({ ...block, name: `guide ${block.name}` })),
];
