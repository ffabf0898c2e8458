/** Edits of the bundle, each with the rating that it must get. */
import { type Rating, ratings } from '../../openapi/diff/finding.ts';
import { documentRows } from './diff-document-edits.ts';
import { type RatedEdit, type Row, toList } from './diff-edit-places.ts';
import { furtherRows } from './diff-further-edits.ts';
import { pairRows } from './diff-pair-edits.ts';
import { partRows } from './diff-part-edits.ts';
import { schemaRows } from './diff-schema-edits.ts';

const all: Record<Rating, Row[]>[] = [schemaRows, documentRows, furtherRows, pairRows, partRows];

/** The edits, by rating. */
export const ratedEdits: readonly RatedEdit[] = all.flatMap((rows) =>
  ratings.flatMap((rating) =>
    rows[rating].map(([name, edits, base]) => ({ name, rating, base: toList(base), edits: toList(edits) })),
  ),
);
