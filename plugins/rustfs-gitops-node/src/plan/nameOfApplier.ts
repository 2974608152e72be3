import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';

/** What applies a folder, in words after "the". */
export function nameOfApplier({ by }: BuildOptions = {}): string {
  return by ?? 'Flux Kustomization';
}
