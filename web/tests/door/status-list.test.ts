import { generateKeyPairSync, sign } from 'node:crypto';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { keysOf } from '../../src/routes/door/rules/known.ts';
import { readStatusList, STATUS, statusIn } from '../../src/routes/door/rules/status.ts';
import { byWebCrypto } from '../../src/routes/door/rules/verify.ts';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const keys = keysOf([{ kid: 'k1', x: pair.publicKey.export({ format: 'jwk' }).x as string }]);
const BYTES = 2 ** 18;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = { alg: 'EdDSA', kid: 'k1', typ: 'statuslist+jwt' };
const packed = (statuses: Record<number, number>) => {
  const bytes = new Uint8Array(BYTES);
  for (const [index, status] of Object.entries(statuses)) bytes[Number(index) >> 2]! |= status << ((Number(index) % 4) * 2);
  return bytes;
};

function list(compressed: Uint8Array, { header = HEADER, key = pair.privateKey, claims = {} } = {}): string {
  const status_list = { bits: 2, lst: Buffer.from(compressed).toString('base64url') };
  const signed = `${part(header)}.${part({ iat: 1_794_990_000, exp: 1_795_594_800, status_list, ...claims })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}
const read = (text: string) => readStatusList(text, keys, byWebCrypto);

test('a list says what became of each pass, and from when until when', async () => {
  const statuses = { 0: STATUS.revoked, 1: STATUS.suspended, 2: STATUS.superseded, 1_048_575: STATUS.revoked };
  const found = await read(list(deflateSync(packed(statuses))));
  expect(found).toMatchObject({ iat: 1_794_990_000_000, exp: 1_795_594_800_000 });
  expect([0, 1, 2, 3, 4, 1_048_574, 1_048_575].map((index) => found && statusIn(found, index))).toEqual([
    1, 2, 3, 0, 0, 0, 1,
  ]);
});

const good = deflateSync(packed({}));
test.each([
  ['signed by a stranger', list(good, { key: stranger.privateKey })],
  ['of another type', list(good, { header: { ...HEADER, typ: 'cp+jwt' } })],
  ['of another algorithm', list(good, { header: { ...HEADER, alg: 'none' } })],
  ['of a key that is not published', list(good, { header: { ...HEADER, kid: 'zz' } })],
  ['of one bit a pass', list(good, { claims: { status_list: { bits: 1, lst: good.toString('base64url') } } })],
  ['without a list', list(good, { claims: { status_list: null } })],
  ['without an end', list(good, { claims: { exp: 'never' } })],
  ['that is a byte short', list(deflateSync(new Uint8Array(BYTES - 1)))],
  ['that is a byte long', list(deflateSync(new Uint8Array(BYTES + 1)))],
  ['that would fill the memory', list(deflateSync(new Uint8Array(64 * BYTES)))],
  ['cut short', list(good.subarray(0, -3))],
  ['with a byte after its end', list(Buffer.concat([good, Buffer.from([0])]))],
  ['compressed another way', list(deflateRawSync(packed({})))],
  ['with a bit flipped', list(good).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))],
  ['that is no token', 'nothing'],
  ['that is no JSON', `${Buffer.from('{').toString('base64url')}.e30.e30`],
  ['of JSON that is no object', `${part(null)}.${part(null)}.e30`],
])('a list %s is none', async (_name, text) => {
  expect(await read(text)).toBeUndefined();
});
