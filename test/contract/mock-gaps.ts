/** Violations of the contract by the mock that are known. */
import type { ValidationProblem } from '../../generated/types.ts';
import type { CheckName } from '../conformance/index.ts';
import { bundle } from './documented.ts';

/** Checks that need an implementation with state. The mock has none: it responds with examples. */
export const statefulChecks: CheckName[] = [
  'account_isolation',
  'conditional_requests',
  'ensure_resource_availability',
  'filter_semantics',
  'idempotent_repeats',
  'partial_update',
  'read_your_writes',
  'stable_paging',
  'use_after_free',
];

/** Known violation of the contract by the mock. */
export interface Gap {
  /** Pattern of its findings: check and message. */
  readonly finding: RegExp;
  /** Pattern of the names of the cases that all have such a finding. A gap that closes in one of them is reported. */
  readonly cases: RegExp;
}

/** Fields that the example of a 422 names. Prism responds with this example for every field. */
const example = bundle.components.examples.ValidationFailed?.value as ValidationProblem;
const namedFields = Object.keys(example.validation_errors).join('|');

/** Known violations by name. */
export const gaps: Record<string, Gap> = {
  'accepts any bearer token': {
    finding: /^ignored_auth: a (wrong token|token with one more character) got 200/,
    cases: / rejects a (wrong token|token with one more character)$/,
  },
  'repeats the X-Request-Id of the examples': {
    finding: /^response_headers_conformance: the header X-Request-Id is that of an earlier response$/,
    cases: / rejects (null|a string|an integer) /,
  },
  'has an app for every id': {
    finding: /^status_code_conformance: the unknown id \S+ got 200/,
    cases: / rejects the unknown id /,
  },
  'responds with an example that names other fields': {
    finding: /^problem_shape: .* was rejected without naming/,
    cases: new RegExp(
      `^(create|update)\\w+ rejects (null|an? (boolean|integer|string|array|object|value outside|empty string)|one character|the (mask|missing field|unexpected field))[^=]* (?!(${namedFields})$)\\w+$`,
    ),
  },
  'enforces only the limits of JSON Schema': {
    finding: /^negative_data_rejection: one (byte|level|value) too many in metadata/,
    cases: / rejects one (byte|level|value) too many in metadata$/,
  },
  'accepts JSON that cannot be stored exactly': {
    finding: /^negative_data_rejection: (a duplicate name|the name __|the char|a lone surrogate|a number too)/,
    cases:
      / rejects (a duplicate name|the name __proto__|the character U\+0000|a lone surrogate|a number too \w+ for a double) in /,
  },
  'accepts lenient spellings of numbers': {
    finding: /^negative_data_rejection: limit=.* got 200/,
    cases: / rejects limit=(0x10| 5 |1e1|05|5\.0|)$/,
  },
  'accepts empty parameters': {
    finding: /^negative_data_rejection: (truncate_secrets=|an empty string in cursor) got 200/,
    cases: / rejects (truncate_secrets=|an empty string in cursor)$/,
  },
  'does not parse JSON in a query': {
    finding: /^negative_data_rejection: metadata=\S+ got 200/,
    cases: / rejects metadata=/,
  },
};
