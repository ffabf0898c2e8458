import { invalidValues } from '../boundary-values.ts';
import {
  type Contract,
  generalPointer,
  higherLevel,
  type Level,
  levelOfKeyword,
  type Operation,
  type Parameter,
  parameterPointer,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import { toQuery } from '../http-client.ts';
import { misspeltReveal } from '../secret-checks.ts';
import type { Case } from './case.ts';
import { followsFromFixed } from './expectations.ts';
import { type InvalidRequest, rejectedRequestCase } from './rejected-request.ts';

/** URLs that have to be rejected for their query, or for an id that is no text. */

/** Statement about the URL of every request. */
const everyUrl = { pointer: generalPointer, topic: 'Every URL' };

/** Invalid texts that a lenient parser accepts as a number or a boolean. */
const lenientTexts: Readonly<Record<string, readonly string[]>> = {
  integer: ['Infinity', '1e400', 'NaN', '0x10', ' 5 ', '1e1', '05', '5.0', '٥', '9007199254740993', ''],
  boolean: ['0', '1', 'True', 'False', 'no', ''],
};

const invalidKind = 'an invalid query parameter';
const emptyKind = 'an empty query parameter';
const lenientKind = 'a lenient spelling of';

/** Text that no parser accepts as a number or a boolean. */
const noValue = 'x';

interface InvalidQuery {
  readonly pointer?: string;
  readonly topic?: string;
  readonly label: string;
  readonly kind: string;
  readonly name: string;
  readonly value: string;
  readonly level: Level;
}

/** Returns the invalid values of a query parameter: those of its schema, of lenient parsers, and malformed JSON. */
function invalidQueries(contract: Contract, parameter: Parameter): InvalidQuery[] {
  const { name } = parameter;
  const schema = contract.deref<Schema>(parameter.schema);
  const ofText =
    (kind: string, level: Level, statement: Partial<InvalidQuery> = {}) =>
    (value: string) => ({
      label: `${name}=${value}`,
      kind,
      name,
      value,
      level,
      ...statement,
    });
  const ofSchema = invalidValues(schema)
    // Every value in a query is text, so that another type cannot be sent.
    .filter(({ keyword }) => keyword !== 'type' && keyword !== 'null')
    .map(({ keyword, label, value }) => {
      const level = higherLevel(levelOfKeyword(keyword), provenanceOf(parameter));
      const kind = value === '' ? emptyKind : invalidKind;
      return { label: `${label} in ${name}`, kind, name, value: String(value), level };
    });
  const ofType = `${lenientKind} ${schema.type === 'integer' ? 'an' : 'a'} ${schema.type}`;
  const statement = schema.type === 'integer' ? everyUrl : {};
  const lenient = (lenientTexts[schema.type as string] ?? []).map((text) =>
    ofText(text === '' ? emptyKind : ofType, 'extension', statement)(text),
  );
  const isJson = parameter['x-content-media-type'] === 'application/json';
  const malformedJson = isJson
    ? ['{', '[]', '42'].map(ofText('a query parameter that is not a JSON object', 'inferred'))
    : [];
  return [...ofSchema, ...lenient, ...malformedJson];
}

/** Returns a parameter given twice, with a valid value. */
function twiceOf(contract: Contract, parameter: Parameter) {
  const { name } = parameter;
  const [value = 'x'] = (contract.deref<Schema>(parameter.schema) as { enum?: string[] }).enum ?? [];
  const query = toQuery({ [name]: value });
  return {
    label: 'a parameter given twice',
    followsFrom: [`filter_semantics: the filter ${name} is ignored`],
    statuses: [400, 422],
    change: { query: `${query}&${query.slice(1)}` },
  };
}

/** Returns the cases about the query of an operation. */
export function queryCases(contract: Contract, operation: Operation): Case[] {
  const level = 'extension' as const;
  const common = { check: 'negative_data_rejection' as const, level };
  const parameters = operation.parameters.filter(({ in: where }) => where === 'query').filter(contract.requires);
  const firstName = parameters[0]?.name ?? 'provider';
  const queries = [
    ...parameters.flatMap((parameter) => invalidQueries(contract, parameter)),
    {
      label: 'an unknown query parameter',
      kind: 'an unknown query parameter',
      name: 'no_such_parameter',
      value: '1',
      level,
      ...everyUrl,
    },
  ];
  const requests: InvalidRequest[] = [
    ...queries.map(({ name, value, ...query }) => {
      const followsFrom = [
        `filter_semantics: the filter ${name} is ignored`,
        `stable_paging: the parameter ${name} is ignored`,
        `secret_masking: ${misspeltReveal(name)}`,
        ...(query.kind === emptyKind ? [`negative_data_rejection: ${invalidKind} is accepted`] : []),
      ];
      const pointer = parameterPointer(contract, operation, name);
      return {
        ...common,
        pointer,
        ...query,
        ...(query.kind.startsWith(lenientKind) && {
          obvious: { kind: invalidKind, change: { query: toQuery({ [name]: noValue }) } },
        }),
        followsFrom,
        statuses: 422,
        change: { query: toQuery({ [name]: value }) },
      };
    }),
    ...(parameters.length > 0 ? [{ ...common, ...everyUrl, ...twiceOf(contract, parameters[0] as Parameter) }] : []),
    {
      ...common,
      ...everyUrl,
      label: 'a query that is not UTF-8',
      cause: 'a query that is not UTF-8 is not rejected with 400',
      followsFrom: [
        `${common.check}: requests that have to get 400 get*`,
        parameters.length > 0
          ? `filter_semantics: the filter ${firstName} is ignored`
          : 'negative_data_rejection: an unknown query parameter is accepted',
      ],
      statuses: 400,
      change: { query: `?${firstName}=%E0%A4` },
    },
  ];
  return requests.map((request) => rejectedRequestCase(operation, request));
}

/**
 * Returns the cases about ids that are no text. They come last: a server that they end has been tried with everything
 * else.
 */
export function malformedIdCases(contract: Contract): Case[] {
  const get = contract.findOperation('get');
  if (get === undefined) return [];
  const ids = [['U+0000 in the URL', 'a%00b'] as const, ['invalid percent-encoding in the URL', '%zz'] as const];
  return ids.map(([label, encodedId]) => ({
    ...rejectedRequestCase(get, {
      ...{ label, check: 'negative_data_rejection', level: 'extension', followsFrom: followsFromFixed, ...everyUrl },
      statuses: [400, 404, 422],
      change: { id: 'no-such-id', encodedId },
    }),
    kind: `rejects ${label}`,
  }));
}
