import { example } from '../helpers/examples.ts';
import type { Account } from './target.ts';

/** A measured request. */
export interface Measured {
  readonly name: string;
  readonly account: Account;
  readonly method: string;
  /** `{id}` stands for the id of the account's app. */
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  /** The number of requests in a round. */
  readonly amount: number;
}

const collection = '/v1/oauth-apps';
const one = `${collection}/{id}`;
const create = example('CreateOAuthApp');

/** All measured requests. */
export const measured: readonly Measured[] = [
  { name: 'GET one', account: 'single', method: 'GET', path: one, status: 200, amount: 3_000 },
  { name: 'list of 20', account: 'twenty', method: 'GET', path: collection, status: 200, amount: 1_500 },
  { name: 'list of 100', account: 'hundred', method: 'GET', path: collection, status: 200, amount: 500 },
  {
    ...{ name: 'page of 20', account: 'hundred', method: 'GET', path: `${collection}?limit=20` },
    ...{ status: 200, amount: 1_000 },
  },
  { name: 'POST', account: 'writes', method: 'POST', path: collection, body: create, status: 200, amount: 800 },
  {
    ...{ name: 'PATCH', account: 'single', method: 'PATCH', path: one, body: { name: 'Arrakis' } },
    ...{ status: 200, amount: 800 },
  },
  {
    ...{
      name: '422',
      account: 'writes',
      method: 'POST',
      path: collection,
      body: { ...create, name: '', provider: 'x' },
    },
    ...{ status: 422, amount: 2_000 },
  },
];
