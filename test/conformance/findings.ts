import { type Contract, higherLevel, type Level, type Operation, provenanceOf } from './contract.ts';
import { toCurl } from './curl.ts';
import type { CheckName, Exchange, Finding } from './exchange.ts';
import { formatRequest, formatResponse, maskKnown, toSafeText } from './masking.ts';
import { toScript } from './script.ts';
import type { Violation } from './violation.ts';

/** Findings: violations with everything that a report shows of them, without secrets. */

/** Facts about the case and the run of a finding. */
export interface FindingContext {
  readonly contract: Contract;
  /** Texts that no report may contain. */
  readonly secrets: ReadonlySet<string>;
  /** Tokens by the names of their shell variables. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Id of the case. */
  readonly id: string;
  readonly caseName: string;
  readonly level: Level;
  /** Exchanges of the case so far. */
  readonly exchanges: readonly Exchange[];
}

/** Returns a text about apps as one about the items of the operation's resource. */
export function rename(text: string, { resource }: Pick<Operation, 'resource'>): string {
  const { noun = 'record' } = resource ?? {};
  if (noun === 'app') return text;
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  return text.replaceAll(/\ban app\b/g, `${article} ${noun}`).replaceAll(/\bapp(s?)\b/g, `${noun}$1`);
}

/** Returns a hash of a text, as eight hexadecimal digits (FNV-1a). */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

type ShownTexts = Pick<Finding, 'request' | 'response' | 'curl' | 'again'>;

/** Texts by the request that they show, and what they depend on. An exchange often has several findings. */
const shown = new WeakMap<Exchange['request'], { readonly of: readonly unknown[]; readonly texts: ShownTexts }>();

/** Returns the texts of a report about an exchange. */
function showExchange(
  { secrets, tokens, exchanges }: FindingContext,
  operationId: string,
  { request, response }: Pick<Exchange, 'request'> & Partial<Exchange>,
): ShownTexts {
  const of = [response, operationId, exchanges, exchanges.length, secrets, secrets.size];
  const known = shown.get(request);
  if (known !== undefined && of.every((each, index) => each === known.of[index])) return known.texts;
  const none = { status: 0, headers: new Headers(), text: '', json: {} };
  const earlier = exchanges.filter((each) => each.request !== request);
  const script = toScript(earlier, { operationId, request, response: response ?? none }, tokens);
  const texts = {
    request: formatRequest(request, tokens.TOKEN ?? '', secrets),
    response: response === undefined ? 'nothing' : formatResponse(response, secrets),
    curl: maskKnown(toCurl(request, tokens), secrets),
    again: maskKnown(script, secrets),
  };
  shown.set(request, { of, texts });
  return texts;
}

/** Creates the finding of a violation. */
export function createFinding(
  context: FindingContext,
  operation: Operation,
  violation: Violation,
  exchange: Pick<Exchange, 'request'> & Partial<Exchange>,
): Finding {
  const { contract, secrets, id, caseName, level } = context;
  const { check, message, cause = message, followsFrom = [], pointer, topic, provenance, expected, got } = violation;
  const resolved = contract.resolvePointer(pointer);
  const { operationId } = operation;
  return {
    ...{ check, operationId, caseName },
    id: `${id}-${hashOf(`${check} ${operationId} ${cause}`)}`,
    message: rename(toSafeText(message, secrets), operation),
    cause: rename(toSafeText(cause, secrets), operation),
    followsFrom: followsFrom.map((each) => rename(each, operation)),
    pointer: resolved,
    sentence: contract.sentenceAt(resolved, topic) || contract.sentenceAt(operation.pointer),
    provenance: provenance ?? higherLevel(provenanceOf(operation), level),
    ...(expected !== undefined && { expected: toSafeText(expected, secrets) }),
    ...(got !== undefined && { got: toSafeText(got, secrets) }),
    status: exchange.response?.status ?? 0,
    ...showExchange(context, operationId, exchange),
  };
}

/** Checks of a response that a wrong status explains: headers and body belong to that status. */
const explainedByStatus: readonly CheckName[] = [
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'problem_shape',
];

/** Notes that other findings about a response follow from its unexpected status. */
export function explainByStatus(
  findings: readonly Finding[],
  operation: Operation,
  { check, message, cause = message, followsFrom = [] }: Violation,
): void {
  // Where a path lacks a method, the status of its response is the same fact.
  const explained: readonly CheckName[] =
    check === 'unsupported_method' ? [...explainedByStatus, 'status_code_conformance'] : explainedByStatus;
  for (const finding of findings.filter((each) => explained.includes(each.check))) {
    const causes = [`${check}: ${cause}`, ...followsFrom].map((each) => rename(each, operation));
    (finding.followsFrom as string[]).push(...causes);
  }
}
