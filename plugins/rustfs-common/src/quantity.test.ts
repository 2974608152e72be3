import fc from 'fast-check';
import { formatBytes, parseBytes, toQuantity } from './quantity';

describe('parseBytes', () => {
  it.each([
    ['0', 0],
    ['1048576', 1048576],
    ['50Gi', 53687091200],
    ['1.5Ti', 1649267441664],
    ['2G', 2e9],
    ['5k', 5000],
    ['1 GiB', 1073741824],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', 'lots', '-1Gi', '1e9', '5 Zi', '99999Pi', 'Gi', '1,5Gi'])(
    'refuses "%s" with an example',
    text => {
      expect(() => parseBytes(text)).toThrow(/for example 50Gi/);
    },
  );

  it('reads what toQuantity writes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), bytes => {
        expect(parseBytes(toQuantity(bytes))).toBe(bytes);
      }),
    );
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1 MiB'],
    [53687091200, '50 GiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
