import { posix } from 'node:path';
import { LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { KubernetesObject, parseObject } from '../kubernetes';

/** A build that failed, in the words of kustomize. */
class BuildError extends Error {
  constructor(message: string) {
    super(`kustomize build failed: ${message}`);
    this.name = 'BuildError';
  }
}

const labelsSchema = z.record(z.string(), z.string());

/** The part of kustomize that is built here; any other field is refused, since leaving it out would build something else. */
const kustomizationSchema = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.unknown().optional(),
  resources: z.array(z.string()).nullish(),
  namespace: z.string().optional(),
  commonLabels: labelsSchema.optional(),
  commonAnnotations: labelsSchema.optional(),
  labels: z
    .array(
      z.object({
        pairs: labelsSchema,
        includeSelectors: z.boolean().optional(),
        includeTemplates: z.boolean().optional(),
      }),
    )
    .optional(),
});

const KUSTOMIZATION_FILES = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
];

const CLUSTER_SCOPED = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

/** Kinds that others need come first, as Flux applies them. */
const ORDER = [
  'Namespace',
  'CustomResourceDefinition',
  'ServiceAccount',
  'ConfigMap',
  'Secret',
];

/** Stands for the controller's working copy in messages. */
const WORK_FOLDER = '/tmp/kustomization-1413508681';

/**
 * Builds the manifests of a folder: what its kustomization.yaml names, or every YAML file below it when there is none.
 *
 * @throws BuildError
 * @internal
 */
export function buildManifests(
  files: ReadonlyMap<string, string>,
  folder: string,
): KubernetesObject[] {
  const objects = buildFolder(files, folder);
  const seen = new Set<string>();
  for (const object of objects) {
    const id = identityOf(object);
    if (seen.has(id)) {
      throw new BuildError(
        `accumulating resources: may not add resource with an already registered id: ${id}`,
      );
    }
    seen.add(id);
  }
  return objects
    .map((object, index) => ({ object, index, rank: rankOf(object) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ object }) => object);
}

/** `Tenant.v1alpha1.rustfs.com/media`, as kustomize names objects in messages. */
export function kustomizeId(object: KubernetesObject): string {
  const [version, group] = object.apiVersion.split('/').reverse();
  return `${object.kind}.${version}.${group ?? '[noGrp]'}/${
    object.metadata.name
  }`;
}

export function isClusterScoped(kind: string): boolean {
  return CLUSTER_SCOPED.has(kind);
}

function identityOf(object: KubernetesObject): string {
  return `${kustomizeId(object)}.${object.metadata.namespace ?? '[noNs]'}`;
}

function rankOf(object: KubernetesObject): number {
  const rank = ORDER.indexOf(object.kind);
  return rank < 0 ? ORDER.length : rank;
}

function buildFolder(
  files: ReadonlyMap<string, string>,
  folder: string,
): KubernetesObject[] {
  const path = KUSTOMIZATION_FILES.map(name => posix.join(folder, name)).find(
    candidate => files.has(candidate),
  );
  if (!path) {
    return filesBelow(files, folder).flatMap(file =>
      readManifests(files, file, posix.relative(folder, file)),
    );
  }
  const kustomization = readKustomization(files, path);
  const objects = (kustomization.resources ?? []).flatMap(resource =>
    buildResource(files, folder, resource),
  );
  return objects.map(object => transform(object, kustomization));
}

function buildResource(
  files: ReadonlyMap<string, string>,
  folder: string,
  resource: string,
): KubernetesObject[] {
  const path = posix.join(folder, resource);
  if (files.has(path)) {
    return readManifests(files, path, resource);
  }
  if (filesBelow(files, path).length) {
    if (!KUSTOMIZATION_FILES.some(name => files.has(posix.join(path, name)))) {
      throw new BuildError(
        `accumulating resources: accumulation err='accumulating resources from '${resource}': read ${WORK_FOLDER}/${path}: is a directory': recursed accumulation of path '${WORK_FOLDER}/${path}': unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${WORK_FOLDER}/${path}'`,
      );
    }
    return buildFolder(files, path);
  }
  const missing = `${WORK_FOLDER}/${path}`;
  throw new BuildError(
    `accumulating resources: accumulation err='accumulating resources from '${resource}': open ${missing}: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '${missing}' : lstat ${missing}: no such file or directory`,
  );
}

function filesBelow(
  files: ReadonlyMap<string, string>,
  folder: string,
): string[] {
  const prefix = folder === '.' || folder === '' ? '' : `${folder}/`;
  return [...files.keys()]
    .filter(path => path.startsWith(prefix) && /\.ya?ml$/.test(path))
    .sort();
}

function readKustomization(files: ReadonlyMap<string, string>, path: string) {
  const [content] = readDocuments(files, path, posix.basename(path));
  const parsed = kustomizationSchema.safeParse(content ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BuildError(
      `invalid Kustomization: ${path}: ${issue.path.join('.') || 'document'}: ${
        issue.message
      } (the sandbox builds resources, namespace, labels and annotations)`,
    );
  }
  return parsed.data;
}

function readManifests(
  files: ReadonlyMap<string, string>,
  path: string,
  shown: string,
): KubernetesObject[] {
  return readDocuments(files, path, shown).map(document => {
    try {
      return parseObject(document);
    } catch {
      throw new BuildError(
        `accumulating resources: accumulating resources from '${shown}': missing metadata.name or kind in object`,
      );
    }
  });
}

function readDocuments(
  files: ReadonlyMap<string, string>,
  path: string,
  shown: string,
): unknown[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(files.get(path) ?? '', {
    lineCounter: lines,
  });
  return [...documents]
    .map(document => {
      const [error] = document.errors;
      if (error) {
        const { line } = lines.linePos(error.pos[0]);
        throw new BuildError(
          `accumulating resources: accumulating resources from '${shown}': MalformedYAMLError: yaml: line ${line}: ${
            error.message.split('\n')[0]
          } in File: ${posix.basename(path)}`,
        );
      }
      return document.toJS() as unknown;
    })
    .filter(document => document !== null && document !== undefined);
}

function transform(
  object: KubernetesObject,
  kustomization: z.output<typeof kustomizationSchema>,
): KubernetesObject {
  const { metadata } = object;
  const labels = {
    ...metadata.labels,
    ...kustomization.commonLabels,
    ...Object.assign({}, ...(kustomization.labels ?? []).map(l => l.pairs)),
  };
  const annotations = {
    ...metadata.annotations,
    ...kustomization.commonAnnotations,
  };
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(kustomization.namespace &&
        !isClusterScoped(object.kind) && {
          namespace: kustomization.namespace,
        }),
      ...(Object.keys(labels).length && { labels }),
      ...(Object.keys(annotations).length && { annotations }),
    },
  };
}
