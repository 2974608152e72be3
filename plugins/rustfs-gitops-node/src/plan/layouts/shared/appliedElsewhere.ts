import { AppliedFolder, DeclarationTarget, Refusal } from '../../../types';
import { writeScalar } from '../../../yaml';
import { RenderedObject } from '../../kustomize/RenderedObject';
import { renderFolder } from '../../kustomize/renderFolder';
import { isBelow, joinPath, normalizeFolder } from '../../paths';
import { findRefusals } from '../../Refused';
import { homeNamespaceOf } from '../../renderTarget';
import { createSourceFilter, withoutIgnored } from '../../sourceIgnore';

/** Stands for an object that a request may put there. */
export const PROBE = 'rustfs-portal-probe';

/** A file that stands for those of requests. */
export interface Probe {
  path: string;
  content: string;
  namespace: string;
}

/** A file like those of requests; no name of a record begins with an underscore. */
export function probeIn(folder: string, namespace: string): Probe {
  return {
    path: joinPath(folder, '_probe.yaml'),
    namespace,
    content: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${PROBE}\n  namespace: ${writeScalar(
      namespace,
    )}\n`,
  };
}

/** Where requests put files. */
export interface RequestFolder {
  folder: string;
  /** Folders in it, one for each kind of file. */
  parts: string[];
}

/** Others that apply a folder too would fight over it, and the one that prunes last would win. */
export function findOthers(
  target: DeclarationTarget,
  { folder, parts, what }: RequestFolder & { what: string },
): Refusal[] {
  const namespace = homeNamespaceOf(target);
  return (target.others ?? [])
    .filter(other => appliesFolder(other, { folder, parts, namespace }))
    .map(({ by, folder: theirs, snapshot }) => ({
      code: 'unsupported',
      field: 'tenant',
      message: snapshot
        ? `${by} applies ${folder} too, with all that is in ${writeFolder(
            theirs,
          )}; leave it out there, by a kustomization.yaml that does not list it, or move ${what}`
        : `${by} applies ${writeFolder(
            theirs,
          )}, which holds more than the portal reads, so it cannot be told whether it applies ${folder} too; move ${what} out of it`,
      places: [folder],
    }));
}

/** Whether an engine applies what is put into a folder. */
export function appliesFolder(
  { build, folder, snapshot }: AppliedFolder,
  asked: RequestFolder & { namespace: string },
): boolean {
  const theirs = normalizeFolder(folder);
  if (!snapshot) {
    return isBelow(`${asked.folder}/`, theirs);
  }
  const isLeftOut = createSourceFilter(snapshot, build?.sourceIgnore);
  const kept = withoutIgnored(snapshot, isLeftOut);
  const probes = asked.parts
    .map(part => probeIn(joinPath(asked.folder, part), asked.namespace))
    .filter(({ path }) => isBelow(path, theirs) && !isLeftOut(path))
    .map(({ path, content }) => [path, { content, id: path }] as const);
  if (!probes.length) {
    return false;
  }
  let objects: RenderedObject[] = [];
  const refusals = findRefusals(() => {
    objects = renderFolder(
      { ...kept, files: { ...kept.files, ...Object.fromEntries(probes) } },
      { folder: theirs, build, isOfInterest: text => text.includes(PROBE) },
    ).objects;
  });
  // What cannot be rendered is applied by nobody, unless it is the rest of the repository that is missing here.
  return (
    objects.some(({ path }) => probes.some(([probe]) => probe === path)) ||
    (refusals.length > 0 && !snapshot.whole)
  );
}

function writeFolder(folder: string): string {
  return normalizeFolder(folder) || 'the whole repository';
}
