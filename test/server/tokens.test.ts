// @databases none
import { describe, expect, test } from 'vitest';
import { scopes } from '../../generated/lists.ts';
import {
  allScopes,
  defaultAccount,
  findTokenFault,
  hashToken,
  isMistyped,
  mintToken,
  placeholderToken,
  tokenPrefix,
} from '../../server/keys/tokens.ts';

describe('a minted token', () => {
  test('is prefixed, random and well typed', () => {
    const tokens = Array.from({ length: 1000 }, mintToken);
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) {
      expect(token).toMatch(/^oar_[\w-]{49}$/);
      expect(isMistyped(token)).toBe(false);
      expect(findTokenFault(token)).toBeUndefined();
    }
  });

  test('shows a typo anywhere', () => {
    const token = mintToken();
    for (let index = 4; index < token.length; index += 1) {
      const typo = token[index] === 'a' ? 'b' : 'a';
      expect(isMistyped(token.slice(0, index) + typo + token.slice(index + 1))).toBe(true);
    }
    for (const typo of [token.slice(0, -1), `${token}a`, `oar_${token}`, 'oar_', 'oar_x'])
      expect(isMistyped(typo), typo).toBe(true);
  });

  test('is recognised by its first ten characters', () => {
    const token = mintToken();
    expect(tokenPrefix(token)).toBe(token.slice(0, 10));
  });
});

describe("an operator's own token", () => {
  test.each([placeholderToken, 'token_oar_', 'OAR_x', ''])('%j is never mistyped', (token) => {
    expect(isMistyped(token)).toBe(false);
  });

  test('shows no part of itself', () => {
    const token = mintToken();
    for (const own of [placeholderToken, 'k'.repeat(53), `x${token}`, `${token}x`, `${token}\n`])
      expect(tokenPrefix(own), own).toBeUndefined();
  });
});

test('tokens without an account or scopes have the published defaults', () => {
  expect([placeholderToken, defaultAccount, allScopes]).toEqual(['YOUR_API_TOKEN', 'default', scopes]);
});

test('the hash of a token is its SHA-256', () => {
  // The first test vector of NIST (FIPS 180-4).
  expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('a token that a person chose', () => {
  // 32 different characters, of which 12 continue a run: 20 characters of 5 bits.
  const enough = 'ABEFIJMNQRUVabefijmnqruv02468XZz';
  const guessable = /^can be guessed: it needs 32 random characters, letters and digits, such as `openssl/;

  test.each([
    ['100 bits', enough],
    ['the same bits with a sign', enough.replace('X', '~')],
    ['the padding of Base64', `${enough}==`],
    ['all signs of a bearer token', `${enough.replaceAll(/[XZz]/g, 'k')}kD-W.y_S~H+p/`],
    ['a minted token without digits', 'oar_MintIwithoutdigitsAbCdEfAbCdEfAbCdEfAbCdEfAYqzISQ'],
    ['a UUID', '3f2b8c1d-9a47-4e60-b5d8-71c0e2f6a394'],
    ['hexadecimal digits', '5f0c8a2e9d1b7364c05a9e7f3d18b26c'],
  ])('is taken with %s', (_name, token) => {
    expect(findTokenFault(token)).toBeUndefined();
  });

  test.each([
    ['one character more that continues a run', enough.replace('02', '01')],
    ['one that continues a run downwards', enough.replace('XZz', 'XWz')],
    ['one that stands twice', enough.replace('Zz', 'zz')],
    ['fewer characters than 32', 'k7Qm2Zx9Lp4Vt8Rb3Nc6Wd1Hf5Jg0Sy'],
    ['letters alone', 'kXqmBZxwLpGVtYRbTNcDWdFHfQJgPSyUaEhKrM'],
    ['digits alone', '97318264059137482605958203714629403716258394'],
    ['a part that is repeated', 'k7Qm2Zx9Lp4Vt8Rb'.repeat(2)],
    ['a short part that is repeated often', 'k7Q'.repeat(20)],
  ])('is refused with %s', (_name, token) => {
    expect(findTokenFault(token)).toMatch(guessable);
  });

  test.each([`${enough} `, ` ${enough}`, `${enough}=a`, '', '=', `${enough}é`, `${enough}"`, `${enough}\n`])(
    'is refused as %j, which no header carries',
    (token) => {
      expect(findTokenFault(token)).toBe('may have letters, digits and - . _ ~ + / only, with = at the end');
    },
  );

  test('is refused as a minted one with a typo', () => {
    expect(findTokenFault(`${mintToken()}x`)).toBe('begins with oar_ and has a typo');
  });

  test('is taken when a usual program made it', () => {
    for (let round = 0; round < 200; round += 1) {
      const bytes = crypto.getRandomValues(Buffer.alloc(32));
      for (const token of [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('base64url')])
        if (/\d/.test(token)) expect(findTokenFault(token), token.length.toString()).toBeUndefined();
    }
  });
});
