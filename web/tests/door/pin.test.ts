import { expect, test } from 'vitest';
import { afterTyping, isPin, mustWait, pinOf, TRIES, WAIT } from '../../src/routes/door/pin.ts';

test('the right code opens, another does not', async () => {
  const pin = await pinOf('4071');
  expect(await afterTyping(pin, '4071', 0)).toBeUndefined();
  expect(await afterTyping(pin, '4072', 0)).toMatchObject({ wrong: 1 });
});

test('the code itself is not kept, and the same code is kept in another way on each device', async () => {
  const [one, other] = [await pinOf('4071'), await pinOf('4071')];
  expect(Buffer.from(one.hash).equals(Buffer.from(other.hash))).toBe(false);
  expect(Buffer.from(one.hash).includes('4071')).toBe(false);
});

test('after five wrong codes a minute passes, then there are five more tries', async () => {
  let pin = await pinOf('4071');
  for (let at = 0; at < TRIES; at++) {
    expect(mustWait(pin, at)).toBe(false);
    pin = (await afterTyping(pin, '0000', at)) ?? pin;
  }
  expect(mustWait(pin, TRIES)).toBe(true);
  expect(mustWait(pin, TRIES + WAIT)).toBe(false);
  pin = (await afterTyping(pin, '0000', TRIES + WAIT)) ?? pin;
  expect(mustWait(pin, TRIES + WAIT)).toBe(false);
});

test.each(['', '123', '12345', '12a4', '1 23', '١٢٣٤'])('%o is no code', (typed) => expect(isPin(typed)).toBe(false));
