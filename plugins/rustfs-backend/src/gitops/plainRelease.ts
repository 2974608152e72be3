import { InstalledBy } from '@rustfs-portal/plugin-rustfs-common';
import { TrackedObject } from '@rustfs-portal/plugin-rustfs-node';

/** The release that Helm alone has installed an object with; only the object itself tells of it. */
export function describePlainRelease({
  annotations = {},
  labels = {},
}: TrackedObject): InstalledBy | undefined {
  const name = annotations['meta.helm.sh/release-name'];
  if (!name) {
    return undefined;
  }
  const [chart, version] = splitChart(labels['helm.sh/chart']);
  return {
    kind: 'Helm release',
    namespace: annotations['meta.helm.sh/release-namespace'],
    name,
    chart,
    version,
    state: 'unknown',
  };
}

/** `rustfs-0.10.6` is chart `rustfs` in version `0.10.6`. */
export function splitChart(label: string | undefined): [string?, string?] {
  const [, chart, version] = /^(.+?)-(v?\d+\..*)$/.exec(label ?? '') ?? [];
  return [chart ?? label, version];
}
