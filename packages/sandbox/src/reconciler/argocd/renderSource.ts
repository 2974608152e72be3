import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { buildManifests } from '../flux';
import { isClusterScoped } from '../flux/build';
import { KubernetesObject, parseObject } from '../kubernetes';
import { ApplicationSpec } from './schemas';

/** What a source declares. */
export interface RenderedSource {
  type: 'Directory' | 'Kustomize';
  objects: KubernetesObject[];
}

/**
 * The manifests of a folder: what its kustomization says, else its files, and those of folders below where it is told so.
 *
 * @throws Error in the words of the repo-server
 */
export function renderSource(
  files: ReadonlyMap<string, string>,
  { destination, source }: ApplicationSpec,
): RenderedSource {
  const folder = posix.normalize(source.path).replace(/\/$/, '');
  const prefix = folder === '.' ? '' : `${folder}/`;
  const paths = [...files.keys()]
    .filter(path => path.startsWith(prefix))
    .sort();
  if (!paths.length) {
    throw new Error(`${source.path}: app path does not exist`);
  }
  const isKustomize = files.has(`${prefix}kustomization.yaml`);
  const objects = isKustomize
    ? buildManifests(files, folder)
    : paths
        .filter(
          path =>
            /\.(ya?ml|json)$/.test(path) &&
            (source.directory?.recurse ||
              !path.slice(prefix.length).includes('/')),
        )
        .flatMap(path => readManifests(files, path));
  return {
    type: isKustomize ? 'Kustomize' : 'Directory',
    objects: objects.map(object => inNamespace(object, destination.namespace)),
  };
}

function readManifests(
  files: ReadonlyMap<string, string>,
  path: string,
): KubernetesObject[] {
  return [...parseAllDocuments(files.get(path) ?? '')]
    .map(document => {
      const [error] = document.errors;
      if (error) {
        throw new Error(
          `Failed to unmarshal "${posix.basename(
            path,
          )}": failed to unmarshal manifest: ${error.message.split('\n')[0]}`,
        );
      }
      return document.toJS() as unknown;
    })
    .filter(document => document !== null && document !== undefined)
    .map(document => parseObject(document));
}

/** Only what says none itself. */
function inNamespace(
  object: KubernetesObject,
  namespace: string | undefined,
): KubernetesObject {
  return object.metadata.namespace || isClusterScoped(object.kind) || !namespace
    ? object
    : { ...object, metadata: { ...object.metadata, namespace } };
}
