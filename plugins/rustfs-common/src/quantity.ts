import { InputError } from '@backstage/errors';

const UNITS: Record<string, bigint> = {
  '': 1n,
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  E: 10n ** 18n,
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** In the order in which a whole amount is tried. */
const WHOLE_UNITS = ['Pi', 'Ti', 'Gi', 'Mi', 'Ki', 'P', 'T', 'G', 'M', 'k'];

/**
 * Reads an amount of bytes written as a Kubernetes quantity, for example `50Gi`, `1.5Ti`, `1e9` or `1048576`, and nothing
 * that Kubernetes would not take: no `1GiB`, no blank in between. Of its units, the parts of one (`m`, `u`, `n`) and
 * negative amounts are no bytes. A part of a byte counts as a whole one, as in Kubernetes.
 *
 * @returns whole bytes
 * @throws InputError when the text is not an amount of bytes that a number can hold
 * @public
 */
export function parseBytes(text: string): number {
  const match =
    /^\+?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|([kMGTPE]|[KMGTPE]i)?)$/.exec(
      text.trim(),
    );
  const [, whole = '', fraction = '', exponent = '0', unit = ''] = match ?? [];
  const digits = `${whole}${fraction}`;
  const bytes =
    // Longer than any amount that can be held, however small the unit.
    digits && digits.length <= 40
      ? scale(BigInt(digits) * UNITS[unit], Number(exponent) - fraction.length)
      : undefined;
  if (bytes === undefined || bytes > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new InputError(
      `"${text}" is not an amount of bytes: write a number with Mi, Gi or Ti and nothing in between, for example 50Gi`,
    );
  }
  return Number(bytes);
}

/** `value` times ten to the power of `exponent`, rounded up. */
function scale(value: bigint, exponent: number): bigint {
  if (exponent >= 0) {
    return value * 10n ** BigInt(exponent);
  }
  const divisor = 10n ** BigInt(-exponent);
  return (value + divisor - 1n) / divisor;
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/**
 * Writes bytes for people, in binary units with at most one decimal: `12.5 GiB`.
 *
 * @public
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BINARY.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const rounded = unit === 0 ? value : Math.round(value * 10) / 10;
  if (rounded >= 1024 && unit < BINARY.length - 1) {
    return `1 ${BINARY[unit + 1]}`;
  }
  return `${rounded} ${BINARY[unit]}`;
}

/**
 * Writes bytes as an exact Kubernetes quantity, each amount in one way: 53687091200 becomes `50Gi`, 2000000000 `2G`.
 *
 * @public
 */
export function toQuantity(bytes: number): string {
  const unit = WHOLE_UNITS.find(
    name => bytes > 0 && bytes % Number(UNITS[name]) === 0,
  );
  return unit ? `${bytes / Number(UNITS[unit])}${unit}` : String(bytes);
}
