// @databases none
import { describe, expect, test } from 'vitest';
import { type KeyRing, loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { clientSecret, createView, filterByHealth } from '../../server/oauth-apps/view.ts';
import { toTimestamp } from '../../server/resource/record.ts';
import {
  checkSecret,
  openSecret,
  type SecretState,
  secretBinding,
  secretStates,
} from '../../server/resource/secrets.ts';
import type { AppRecord } from '../../server/store/store.ts';

const loadedAt = new Date('2026-03-02T10:20:30.400Z');
const [current, coming, retired, unknown] = ['current', 'coming', 'retired', 'unknown'].map((keyId) =>
  makeKeyLine(loadedAt).replace(/^\w+/, keyId),
);
const isComing = (keyId: string) => keyId === 'coming';
const keyRing = loadKeyRing([current, coming, retired].join(), loadedAt, isComing);
const mask = '**********';

/** Returns an app whose secret is sealed under a key. */
function sealedApp(key = current, secret = 'sk_live_1'): AppRecord {
  const app = {
    ...{ id: 'app-1', account_id: 'acme', provider: 'stripe', name: 'Payments', client_id: 'ca_1' },
    ...{ metadata: '{"a":[1]}', created_at: '2026-01-02T03:04:05Z', updated_at: '2026-02-03T04:05:06Z', version: 3 },
    secret_version: 'v-1',
  };
  const ring = loadKeyRing(key ?? '', loadedAt);
  const binding = { accountId: 'acme', rowId: 'app-1', column: 'client_secret', version: 'v-1' };
  return { ...app, client_secret: ring.seal(secret, binding), secret_key_id: ring.currentKeyId };
}

const change = (app: AppRecord, changes: Partial<Record<keyof AppRecord, unknown>>) =>
  ({ ...app, ...changes }) as AppRecord;
const damaged = change(sealedApp(), { account_id: 'other' });
const apps: Record<SecretState, AppRecord> = {
  ...{ ok: sealedApp(), damaged },
  ...{ 'retired key': sealedApp(retired), 'unknown key': sealedApp(unknown) },
};
const states = Object.keys(apps) as SecretState[];

describe('the state of a secret', () => {
  test.each(states)('is %s', (state) => {
    expect(checkSecret(keyRing, clientSecret.of(apps[state]))).toBe(state);
  });

  test('is ok under a coming key', () => {
    expect(checkSecret(keyRing, clientSecret.of(sealedApp(coming)))).toBe('ok');
  });

  test.each([
    { account_id: 'b' },
    { id: 'b' },
    { secret_version: 'b' },
    { secret_version: '' },
    { client_secret: 'b' },
  ])('is damaged with %j', (changes) => {
    expect(checkSecret(keyRing, clientSecret.of(change(sealedApp(), changes)))).toBe('damaged');
  });

  test('is not told by an error that is no damage', () => {
    const failing: KeyRing = {
      ...keyRing,
      open: () => {
        throw new RangeError('no memory');
      },
    };
    expect(() => checkSecret(failing, clientSecret.of(sealedApp()))).toThrow('no memory');
  });

  test('is that of one column of one row', () => {
    const app = sealedApp();
    const { client_secret: envelope, secret_key_id: key_id, secret_version: version } = app;
    const place = { table: 'oauth_apps', column: 'client_secret', account_id: 'acme', id: 'app-1' };
    expect(clientSecret.of(app)).toEqual({ ...place, envelope, key_id, version });
    expect(secretBinding(clientSecret.of(app))).toEqual({
      accountId: 'acme',
      rowId: 'app-1',
      column: 'client_secret',
      version,
    });
    expect(openSecret(keyRing, clientSecret.of(app))).toBe('sk_live_1');
  });
});

describe('the states of secrets', () => {
  /** Makes states that note what they open and report. */
  function watch() {
    const [opened, reports]: [string[], unknown[]] = [[], []];
    const counting: KeyRing = {
      ...keyRing,
      open(envelope, binding) {
        opened.push(binding.rowId);
        return keyRing.open(envelope, binding);
      },
    };
    const stateOfSecret = secretStates(counting, ({ id }, state, keyId) => reports.push([id, state, keyId]));
    return { stateOf: (app: AppRecord) => stateOfSecret(clientSecret.of(app)), opened, reports };
  }

  test('are found once for each envelope', () => {
    const { stateOf, opened } = watch();
    const [first, again] = [sealedApp(), sealedApp()];
    expect([first, first, again, again, first].map(stateOf)).toEqual(Array(5).fill('ok'));
    expect(opened).toHaveLength(3);
  });

  test.each([{ account_id: 'other' }, { secret_version: 'other' }])('are found again with %j', (changes) => {
    const { stateOf } = watch();
    const app = sealedApp();
    expect([stateOf(app), stateOf(change(app, changes))]).toEqual(['ok', 'damaged']);
  });

  test('are reported when a secret does not open', () => {
    const { stateOf, reports } = watch();
    for (const state of states) for (const _ of [1, 2]) stateOf(apps[state]);
    const lost = ['app-1', 'unknown key', 'unknown'];
    expect(reports).toEqual([['app-1', 'damaged', 'current'], ['app-1', 'damaged', 'current'], lost, lost]);
  });

  test('are reported when the column names another key', () => {
    const { stateOf, reports } = watch();
    expect(stateOf(change(sealedApp(), { secret_key_id: 'retired' }))).toBe('ok');
    expect(reports).toEqual([['app-1', 'ok', 'current']]);
  });

  describe('are remembered for eight million characters', () => {
    /** Returns an app whose remembered text has so many characters. */
    const ofSize = (id: string, size: number) =>
      change(sealedApp(), { id, client_secret: 'x'.repeat(size - 'acme v-1 '.length) });
    const app = sealedApp();
    const other = change(sealedApp(), { id: 'other' });

    test('and forgotten with the next beyond that', () => {
      const { stateOf, opened } = watch();
      const size = 'acme v-1 '.length + app.client_secret.length;
      for (const one of [app, ofSize('full', 8_000_000 - size), app, other, app]) stateOf(one);
      expect(opened).toEqual(['app-1', 'other']);
      for (const one of [ofSize('more', 20), app]) stateOf(one);
      expect(opened).toEqual(['app-1', 'other', 'app-1']);
    });

    test('and counted from nothing when forgotten', () => {
      const { stateOf, opened } = watch();
      for (const one of [ofSize('full', 8_000_001), app, other, app]) stateOf(one);
      expect(opened).toEqual(['app-1', 'other']);
    });

    test('and counted once for each secret', () => {
      const { stateOf, opened } = watch();
      const halves = ['v-1', 'v-2'].map((secret_version) => change(ofSize('half', 5_000_000), { secret_version }));
      for (const one of [app, ...halves, other, app]) stateOf(one);
      expect(opened).toEqual(['app-1', 'other']);
    });
  });

  test('are those of one column of one table', () => {
    const { opened } = watch();
    const stateOf = secretStates({ ...keyRing, open: (...words) => String(opened.push(words[1].column)) }, () => {});
    const secret = clientSecret.of(sealedApp());
    const others = [
      { ...secret, table: 'more' },
      { ...secret, column: 'more' },
    ] as (typeof secret)[];
    for (const one of [secret, ...others, secret]) stateOf(one);
    expect(opened).toEqual(['client_secret', 'more.client_secret', 'more']);
  });
});

describe('the columns of a secret', () => {
  test('are new with each secret', () => {
    const [one, other] = [1, 2].map(() => clientSecret.seal(keyRing, 'acme', 'app-1', 'sk_live_1'));
    expect(Object.keys(one ?? {}).sort()).toEqual(['client_secret', 'secret_key_id', 'secret_version']);
    expect(one).toMatchObject({ secret_key_id: 'current', secret_version: expect.stringMatching(/^[\w-]{16}$/) });
    expect(one?.secret_version).not.toBe(other?.secret_version);
    expect(openSecret(keyRing, clientSecret.of(change(sealedApp(), one ?? {})))).toBe('sk_live_1');
  });

  test('stay where an update has no secret', () => {
    const kept = clientSecret.change(keyRing, 'acme', 'app-1', undefined);
    expect(kept).toEqual({ client_secret: undefined, secret_key_id: undefined, secret_version: undefined });
    expect(Object.keys(kept)).toHaveLength(3);
    const changed = change(sealedApp(), clientSecret.change(keyRing, 'acme', 'app-1', 'sk_live_2'));
    expect(openSecret(keyRing, clientSecret.of(changed))).toBe('sk_live_2');
  });

  test('are bound to their table but for that of OAuth apps', () => {
    const place = { account_id: 'acme', id: '1', column: 'secret', version: 'v' };
    const columnOf = (table?: string) =>
      secretBinding({ ...place, table } as Parameters<typeof secretBinding>[0]).column;
    expect([columnOf(), columnOf('oauth_apps'), columnOf('keys')]).toEqual(['secret', 'secret', 'keys.secret']);
  });
});

describe('the view of an app', () => {
  const view = createView(keyRing, (secret) => checkSecret(keyRing, secret));
  const plain = { id: 'app-1', provider: 'stripe', name: 'Payments', client_id: 'ca_1', metadata: { a: [1] } };
  const times = { created_at: '2026-01-02T03:04:05Z', updated_at: '2026-02-03T04:05:06Z' };

  test('has the fields of the description alone, masked', () => {
    const health = { status: 'ok', notes: [], time: '2026-01-02 03:04:05' };
    expect(view.show(apps.ok)).toEqual({ ...plain, ...times, client_secret: mask, health });
  });

  test.each([
    ['retired key', 'warn', 'The secret is sealed under a retired key. Rotate the keys.'],
    ['unknown key', 'error', 'Configure that key, or set the secret again.'],
    ['damaged', 'error', 'Set the secret again.'],
  ] as const)('tells that the state is %s', (state, status, note) => {
    const { health } = view.show(apps[state]);
    expect(health).toMatchObject({ status, time: '2026-03-02 10:20:30' });
    expect(health?.notes).toEqual([expect.stringContaining(note)]);
    expect(view.healthTag(apps[state])).toBe(`${status}.${loadedAt.getTime().toString(36)}`);
  });

  test('of a new one needs no opening', () => {
    expect(view.showNew(apps.damaged)).toMatchObject({ client_secret: mask, health: { status: 'ok', notes: [] } });
  });

  test('has no health tag while the app is well', () => {
    expect(view.healthTag(apps.ok)).toBeUndefined();
  });

  test.each([
    ['ok', 'sk_live_1'],
    ['retired key', 'sk_live_1'],
    ['unknown key', mask],
    ['damaged', mask],
  ] as const)('reveals the secret that is %s as %s', (state, shown) => {
    const revealed = view.reveal(apps[state]);
    expect(revealed).toEqual({ ...view.show(apps[state]), client_secret: shown });
    expect(view.isRevealed(revealed)).toBe(shown !== mask);
    expect(view.isRevealed(view.show(apps[state]))).toBe(false);
  });
});

test('timestamps have whole seconds', () => {
  expect(toTimestamp(loadedAt)).toBe('2026-03-02T10:20:30Z');
});

test('a filter by health compares key ids', () => {
  expect([filterByHealth('ok', keyRing), filterByHealth('warn', keyRing), filterByHealth('error', keyRing)]).toEqual([
    { in: ['current', 'coming'] },
    { in: ['retired'] },
    { notIn: ['current', 'coming', 'retired'] },
  ]);
});
