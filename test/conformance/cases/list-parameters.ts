import {
  type Contract,
  examplesOf,
  higherLevel,
  type Level,
  type Operation,
  type Parameter,
  parameterPointer,
  provenanceOf,
  type Schema,
} from '../contract.ts';
import { toQuery } from '../http-client.ts';
import type { Session } from '../session.ts';
import { createTestApp, listApps, listedApps, revealSecrets } from './apps.ts';
import type { Case } from './case.ts';
import { expectSuccess, expectTrue } from './expectations.ts';
import { exampleBody, listFilters, shownSecrets, valueAt } from './fields.ts';
import { followsFromDeleted } from './list-filters.ts';

/** Parameters of the list: the one that reveals secrets, and every valid value of each. */

/** Texts that a lenient server takes for another value of a switch. */
const lenientSwitches = ['True', 'FALSE', '0', 'no', ''];

/** Returns a case about the query that reveals secrets; none where no query does. */
function revealCases(contract: Contract, list: Operation): Case[] {
  const [first] = shownSecrets(contract).filter(([, { revealedBy }]) => revealedBy !== undefined);
  const [name = '', value] = first?.[1].revealedBy?.split('=') ?? [];
  if (first === undefined) return [];
  return [
    {
      name: `only ${name}=${value} reveals secrets`,
      operationId: list.operationId,
      check: 'secret_masking',
      alsoChecks: ['read_your_writes'],
      isMutating: true,
      run: (session) => checkReveal(session, list, name),
    },
  ];
}

async function checkReveal(session: Session, list: Operation, name: string) {
  const create = session.contract.findOperation('create');
  const body = create ? exampleBody(session, create) : {};
  const secrets = shownSecrets(session.contract).filter(([field]) => typeof body[field] === 'string');
  const change = Object.fromEntries(secrets.map(([field]) => [field, `secret-${crypto.randomUUID()}`]));
  const created = await createTestApp(session, change);
  if (created === undefined) return;
  // The checks of every response report the secret in any of these, whether it is a rejection or not.
  const { type } = session.contract.deref<Schema>(
    list.parameters.find((parameter) => parameter.name === name)?.schema ?? {},
  );
  if ((type as unknown) === 'boolean') {
    await listApps(session, { [name]: true });
    for (const value of lenientSwitches) await session.send(list, { query: toQuery({ [name]: value }) });
  }
  const revealed = await revealSecrets(session, created.app);
  for (const field of revealed?.names ?? []) {
    if (created.body[field] === undefined || revealed === undefined) continue;
    const violation = {
      check: 'read_your_writes' as const,
      message: `${revealed.query} does not show the secret that was stored`,
      cause: `${field} is not stored as it was sent`,
      pointer: parameterPointer(session.contract, list, name),
    };
    expectTrue(session, revealed.exchange, list, revealed.app[field] === created.body[field], violation);
  }
}

/** Returns valid values of a parameter with their levels. The value that reveals secrets is left out. */
function validValues(contract: Contract, { schema, ...parameter }: Parameter): [value: unknown, level: Level][] {
  const { type, enum: listed = [], minimum, maximum } = contract.deref<Schema & Record<string, unknown>>(schema);
  const boundaries = [minimum, maximum].filter((boundary) => boundary !== undefined);
  const examples = examplesOf(contract, (parameter as { examples?: object }).examples);
  const level = provenanceOf(parameter);
  const ownValues = [...listed, ...examples, ...((type as unknown) === 'boolean' ? [true] : [])];
  return [
    ...ownValues.map((value): [unknown, Level] => [value, level]),
    ...boundaries.map((boundary): [unknown, Level] => [boundary, higherLevel(level, 'extension')]),
  ];
}

/** Returns a case that lists by a valid value. It creates no app. */
function validQueryCase(list: Operation, name: string, value: unknown, level: Level): Case {
  return {
    name: `${list.operationId} accepts ${name}=${value}`,
    kind: 'accepts',
    operationId: list.operationId,
    check: 'positive_data_acceptance',
    alsoChecks: ['filter_semantics'],
    level,
    async run(session) {
      const exchange = await session.send(list, { query: toQuery({ [name]: value }) });
      if (!expectSuccess(session, exchange, list, `${name}=${value}`, `${name}=${value}`)) return;
      const filter = listFilters(session.contract).find((each) => each.name === name && each.values.length > 0);
      const values = filter ? listedApps(exchange).map((app) => valueAt(app, filter.field)) : [];
      const hasOthers = values.some((each) => each !== undefined && each !== value);
      const pointer = parameterPointer(session.contract, list, name);
      const violation = { check: 'filter_semantics' as const, pointer };
      const message = `${name}=${value} lists other apps`;
      const cause = `the filter ${name} is ignored`;
      const followsFrom = followsFromDeleted;
      expectTrue(session, exchange, list, !hasOthers, { ...violation, message, cause, followsFrom });
    },
  };
}

function validQueryCases(contract: Contract, list: Operation): Case[] {
  return list.parameters
    .filter((parameter) => parameter.in === 'query' && contract.requires(parameter))
    .flatMap((parameter) =>
      validValues(contract, parameter).map(([value, level]) => validQueryCase(list, parameter.name, value, level)),
    );
}

/** Returns the cases about the parameters of the list. */
export function listParameterCases(contract: Contract): Case[] {
  const list = contract.findOperation('list');
  if (list === undefined) return [];
  return [...revealCases(contract, list), ...validQueryCases(contract, list)];
}
