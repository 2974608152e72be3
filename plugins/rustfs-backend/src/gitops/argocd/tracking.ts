import { ClusterObjectRef } from '@rustfs-portal/plugin-rustfs-common';
import { TrackedObject } from '@rustfs-portal/plugin-rustfs-node';

export const APPLICATION = 'Application';

const TRACKING_ID = 'argocd.argoproj.io/tracking-id';

/** The key can be changed; the second one is what the documentation proposes. */
const INSTANCE_LABELS = [
  'app.kubernetes.io/instance',
  'argocd.argoproj.io/instance',
];

/** What a tracking id says: `media:rustfs.com/Tenant:storage/media`. */
interface TrackingId {
  appliedBy: ClusterObjectRef;
  kind: string;
  namespace: string;
  name: string;
}

/**
 * The Application that has applied an object: by its annotation; else by its label, which others set too, so that only what the
 * Application itself lists proves it.
 */
export function findAppliedBy(
  object: TrackedObject,
): ClusterObjectRef | undefined {
  const id = readTrackingId(object);
  if (id) {
    return isOf(object, id) ? id.appliedBy : undefined;
  }
  const { annotations = {}, labels = {} } = object;
  const instance = INSTANCE_LABELS.map(key => labels[key]).find(Boolean);
  // Helm sets the label as well, and says that it was Helm.
  return instance && !annotations['meta.helm.sh/release-name']
    ? toReference(instance)
    : undefined;
}

/** Whether an object has the mark that nobody else leaves. */
export function isTrackedById(object: TrackedObject): boolean {
  return readTrackingId(object) !== undefined;
}

function readTrackingId({
  annotations = {},
}: TrackedObject): TrackingId | undefined {
  const [, application, kind, namespace, name] =
    /^([^:]+):[^/:]*\/([^:]+):([^/]*)\/(.+)$/.exec(
      annotations[TRACKING_ID] ?? '',
    ) ?? [];
  return application
    ? { appliedBy: toReference(application), kind, namespace, name }
    : undefined;
}

/** Copies of an object keep the annotation of the original. */
function isOf(object: TrackedObject, id: TrackingId): boolean {
  return (['kind', 'name', 'namespace'] as const).every(
    field => object[field] === undefined || object[field] === id[field],
  );
}

/** An Application that is not in Argo CD's own namespace is `<namespace>_<name>`; no name has an underscore. */
function toReference(application: string): ClusterObjectRef {
  const [name, namespace] = application.split('_').reverse();
  return { kind: APPLICATION, namespace, name };
}
