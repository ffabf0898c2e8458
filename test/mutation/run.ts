/**
 * Runs mutation testing: `npm run test:mutation [-- [--update] subject …]`. With `--update` it writes the tables of
 * `README.md`. Exits with 1 when a score is too low, or a survivor has no reason in `survivors.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  leastScore,
  listStale,
  listSurvivors,
  type Result,
  reasonOf,
  renderFigures,
  renderSurvivors,
  scoreOf,
} from './report.ts';
import { installStryker, readMutants, runStryker } from './stryker.ts';
import { subjects } from './subjects.ts';

const { values, positionals } = parseArgs({ options: { update: { type: 'boolean' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(subjects);

/** Runs one subject and prints its survivors. */
function runSubject(name: string): Result {
  const subject = subjects[name];
  if (subject === undefined)
    throw new Error(`There is no subject ${name}; there are ${Object.keys(subjects).join(', ')}.`);
  const result = { subject: name, mutants: runStryker(name, subject) };
  console.log(`\n${name}: ${scoreOf(result).toFixed(1)} %`);
  for (const mutant of listSurvivors(result)) {
    const { file, line, text, original, replacement, status } = mutant;
    console.log(`  ${file}:${line}: ${text}`);
    console.log(`    ${original} → ${replacement || '(nothing)'}`);
    console.log(`    ${status}: ${reasonOf(mutant) ?? 'no reason is listed in test/mutation/survivors.ts'}`);
  }
  return result;
}

/** Writes the tables of the README from the last run of every subject. */
function updateReadme(): void {
  const results = Object.keys(subjects).map((subject): Result => {
    const mutants = readMutants(subject);
    if (mutants === undefined) throw new Error(`Run ${subject} first: it changed since its last run.`);
    return { subject, mutants };
  });
  const file = join(import.meta.dirname, 'README.md');
  const [introduction = ''] = readFileSync(file, 'utf8').split('## Figures');
  const parts = ['## Figures', renderFigures(results), '## Survivors', renderSurvivors(results)];
  writeFileSync(file, `${introduction}${parts.join('\n\n')}\n`);
}

installStryker();
const results = names.map(runSubject);
console.log(`\n${renderFigures(results)}\n`);
const low = results.filter((result) => scoreOf(result) < leastScore);
const unexplained = results.flatMap(listSurvivors).filter((mutant) => reasonOf(mutant) === undefined);
const stale = listStale(results);
for (const { subject } of low) console.error(`${subject} has a score of less than ${leastScore} %.`);
if (unexplained.length > 0)
  console.error(`${unexplained.length} survivors have no reason in test/mutation/survivors.ts.`);
for (const { file, line, original, replacement } of stale)
  console.error(`${file}: ${line}: ${original} → ${replacement} is no survivor; remove it from survivors.ts.`);
if (values.update) updateReadme();
process.exitCode = low.length + unexplained.length + stale.length > 0 ? 1 : 0;
