const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads a duration as Flux writes it: `10m`, `1m30s`, `500ms`. */
export function parseDuration(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return total;
}

/** Writes a duration as Go prints it: `30s`, `10m0s`, `1h0m0s`, `1.5s`, `12.3ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) {
    return `${Number(ms.toFixed(6))}ms`;
  }
  const hours = Math.floor(ms / UNITS.h);
  const minutes = Math.floor((ms % UNITS.h) / UNITS.m);
  const seconds = Number(((ms % UNITS.m) / UNITS.s).toFixed(9));
  return [
    ...(hours ? [`${hours}h`] : []),
    ...(hours || minutes ? [`${minutes}m`] : []),
    `${seconds}s`,
  ].join('');
}
