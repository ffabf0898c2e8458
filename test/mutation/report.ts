/** Counts mutants, and joins survivors with their reasons. */
import { tableOf } from '../../openapi/docs/schema-words.ts';
import type { Mutant, Status } from './stryker.ts';
import type { Survivor } from './survivor.ts';
import { survivors } from './survivors.ts';

/** The score that each subject must reach, in percent. */
export const leastScore = 90;

/** The mutants of a subject. */
export interface Result {
  readonly subject: string;
  readonly mutants: readonly Mutant[];
}

const count = ({ mutants }: Result, ...statuses: Status[]) =>
  mutants.filter(({ status }) => statuses.includes(status)).length;

/** Returns the percentage of valid mutants that the tests notice. */
export function scoreOf(result: Result): number {
  const noticed = count(result, 'Killed', 'Timeout');
  return (100 * noticed) / (noticed + count(result, 'Survived', 'NoCoverage'));
}

/** Returns the figures of all subjects as a Markdown table. */
export const renderFigures = (results: readonly Result[]): string =>
  tableOf(
    ['Subject', 'Mutants', 'Killed', 'Timeout', 'Survived', 'No coverage', 'Not loaded', 'Score'],
    results.map((result) => {
      if (result.mutants.length === 0) return [result.subject, ...Array<string>(7).fill('–')];
      return [
        result.subject,
        String(result.mutants.length),
        ...[count(result, 'Killed'), count(result, 'Timeout'), count(result, 'Survived')].map(String),
        ...[count(result, 'NoCoverage'), count(result, 'RuntimeError', 'CompileError')].map(String),
        `${scoreOf(result).toFixed(1)} %`,
      ];
    }),
  );

/** Returns the mutants that no test notices. */
export const listSurvivors = ({ mutants }: Result): Mutant[] =>
  mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');

const isSame = ({ file, text, original, replacement }: Mutant, one: Survivor) =>
  file === one.file && text === one.line && original === one.original && replacement === one.replacement;

/** Returns the reason why no test notices a mutant; undefined when none is listed. */
export const reasonOf = (mutant: Mutant): string | undefined => survivors.find((one) => isSame(mutant, one))?.reason;

/** Returns the listed survivors of these results that are none, or no more. */
export function listStale(results: readonly Result[]): Survivor[] {
  const all = results.flatMap(({ mutants }) => mutants);
  const files = new Set(all.map(({ file }) => file));
  const left = results.flatMap(listSurvivors);
  return survivors.filter((one) => files.has(one.file) && !left.some((mutant) => isSame(mutant, one)));
}

const code = (text: string) => `\`\` ${text === '' ? ' ' : text} \`\``;

/** Returns the survivors with their reasons as a Markdown table. */
export const renderSurvivors = (results: readonly Result[]): string =>
  tableOf(
    ['Place', 'Original', 'Mutant', 'Reason'],
    results
      .flatMap(listSurvivors)
      .map((mutant) => [
        `${mutant.file}:${mutant.line}`,
        code(mutant.original),
        code(mutant.replacement),
        reasonOf(mutant) ?? '',
      ]),
  );
