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
    [' 5k ', 5000],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1.5e3', 1500],
    ['15e-1', 2],
    ['0.5Gi', 536870912],
    ['.5Gi', 536870912],
    ['5.Gi', 5368709120],
    ['0.1Gi', 107374183],
    ['+1Gi', 1073741824],
    ['2.3k', 2300],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each([
    '',
    '.',
    'lots',
    '-1',
    '-1Gi',
    '1GiB',
    '1 Gi',
    '1GB',
    '1B',
    '1gi',
    '1g',
    '1K',
    '1ki',
    '1n',
    '1u',
    '500m',
    '1e',
    '1e3Gi',
    '1e99',
    '1e999',
    '5 Zi',
    '99999Pi',
    '9Ei',
    'Gi',
    '1,5Gi',
    '1_000',
    '0x10',
    'Infinity',
    'NaN',
    '９Gi',
    '9'.repeat(10_000),
  ])('refuses "%s" with an example', text => {
    expect(() => parseBytes(text)).toThrow(/for example 50Gi/);
  });

  it.each([
    [1073741824, '1Gi'],
    [536870912, '512Mi'],
    [1e9, '1G'],
    [1000, '1k'],
    [1001, '1001'],
    [0, '0'],
  ])('%d is written as %s', (bytes, text) => {
    expect(toQuantity(bytes)).toBe(text);
  });

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
