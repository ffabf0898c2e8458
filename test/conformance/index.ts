/** Conformance suite: cases derived from the description, for any implementation of it. */
export type { CaseResult, RunnableCase, RunOptions } from './case-runs.ts';
export { type Cause, findCauses } from './causes.ts';
export type { Level } from './contract.ts';
export { levels } from './contract.ts';
export type { CoverageItem } from './coverage.ts';
export { type CheckName, checkNames, type Finding } from './exchange.ts';
export { InvalidHar, readHar } from './har.ts';
export { type HtmlOptions, renderAnnotations, renderHtml } from './html-report.ts';
export type { Target } from './http-client.ts';
export { listOperationIds } from './package-bundle.ts';
export { createPassiveCheck, type PassiveCheck, type PassiveOptions, type RecordedExchange } from './passive.ts';
export { type ProxyOptions, startProxy } from './proxy.ts';
export { renderJson, renderJunit, renderText, type TextOptions } from './report.ts';
export { Unreachable } from './run-errors.ts';
export { type NotTried, seedOfId } from './selection.ts';
export { createSuite, type Suite, type SuiteOptions, type SuiteResult } from './suite.ts';
export { createTlsFetch, type TlsOptions } from './tls-fetch.ts';
