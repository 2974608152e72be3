import { InputError } from '@backstage/errors';

const UNITS: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/**
 * Reads an amount of bytes written as a Kubernetes quantity, for example `50Gi`, `1.5Ti` or `1048576`.
 *
 * @returns whole bytes
 * @throws InputError when the text is not an amount of bytes that a number can hold
 * @public
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kMGTP]i?|Ki)?(?:B)?$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  const bytes = match && unit ? Math.round(Number(match[1]) * unit) : NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new InputError(
      `"${text}" is not an amount of bytes: write a number with Mi, Gi or Ti, for example 50Gi`,
    );
  }
  return bytes;
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
 * Writes bytes as the shortest exact Kubernetes quantity: 53687091200 becomes `50Gi`.
 *
 * @public
 */
export function toQuantity(bytes: number): string {
  for (const unit of ['Pi', 'Ti', 'Gi', 'Mi', 'Ki']) {
    if (bytes >= UNITS[unit] && bytes % UNITS[unit] === 0) {
      return `${bytes / UNITS[unit]}${unit}`;
    }
  }
  return String(bytes);
}
