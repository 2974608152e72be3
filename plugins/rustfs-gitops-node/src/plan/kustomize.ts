import { z } from 'zod';
import { RepositorySnapshot } from '../types';
import { parseYaml, YamlProblem } from '../yaml';
import { folderOf, isBelow, joinPath, resolvePath } from './paths';
import { Refused } from './Refused';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

const strings = z.array(z.string()).nullish();
const kustomizationSchema = z.looseObject({
  resources: strings,
  bases: strings,
  components: strings,
  namespace: z.string().optional().catch(undefined),
  namePrefix: z.string().optional().catch(undefined),
  nameSuffix: z.string().optional().catch(undefined),
  patches: z.unknown().optional(),
  patchesStrategicMerge: z.unknown().optional(),
  patchesJson6902: z.unknown().optional(),
});

/** A `kustomization.yaml`. */
export interface Kustomization {
  path: string;
  folder: string;
  value: z.output<typeof kustomizationSchema>;
}

/** A manifest that the GitOps engine applies. */
export interface AppliedFile {
  path: string;
  /** The kustomizations that lead to it, the one that lists it last; empty where the engine takes every file. */
  through: Kustomization[];
}

/** What a GitOps engine applies of a folder. */
export interface AppliedFolder {
  files: AppliedFile[];
  /** Kustomizations that take part, by folder. */
  kustomizations: Map<string, Kustomization>;
  /** Resources that are not among the files of the folder: remote, outside, generated. */
  elsewhere: string[];
}

/**
 * Finds what a GitOps engine applies of a folder: what its kustomization leads to, or, where there is none, every YAML
 * file and the kustomizations of folders below, as Flux does it.
 */
export function findAppliedFiles(
  snapshot: RepositorySnapshot,
  folder: string,
): AppliedFolder {
  const applied: AppliedFolder = {
    files: [],
    kustomizations: new Map(),
    elsewhere: [],
  };
  const seen = new Set<string>();
  const paths = Object.keys(snapshot.files).sort();
  visitFolder(folder, []);
  return applied;

  function visitFolder(current: string, through: Kustomization[]) {
    const kustomization = readKustomization(snapshot, current);
    if (kustomization) {
      follow(kustomization, through);
      return;
    }
    const children = new Set<string>();
    for (const path of paths.filter(p => isBelow(p, current))) {
      const [child, ...rest] = path
        .slice(current ? current.length + 1 : 0)
        .split('/');
      if (rest.length === 0) {
        addFile(path, through);
      } else {
        children.add(joinPath(current, child));
      }
    }
    children.forEach(child => visitFolder(child, through));
  }

  function follow(kustomization: Kustomization, through: Kustomization[]) {
    if (seen.has(kustomization.path)) {
      return;
    }
    seen.add(kustomization.path);
    applied.kustomizations.set(kustomization.folder, kustomization);
    const { resources, bases, components, ...rest } = kustomization.value;
    const next = [...through, kustomization];
    for (const entry of [resources, bases, components].flatMap(l => l ?? [])) {
      const path = resolvePath(kustomization.folder, entry);
      const nested =
        path === undefined ? undefined : readKustomization(snapshot, path);
      // Entries are what people write: `constructor` is a folder, not what every object has by that name.
      if (path !== undefined && Object.hasOwn(snapshot.files, path)) {
        addFile(path, next);
      } else if (nested) {
        follow(nested, next);
      } else {
        applied.elsewhere.push(`${entry} (in ${kustomization.path})`);
      }
    }
    for (const key of ['generators', 'helmCharts', 'transformers']) {
      if (rest[key]) {
        applied.elsewhere.push(`${key} (in ${kustomization.path})`);
      }
    }
  }

  function addFile(path: string, through: Kustomization[]) {
    if (!seen.has(path)) {
      seen.add(path);
      applied.files.push({ path, through });
    }
  }
}

function readKustomization(
  snapshot: RepositorySnapshot,
  folder: string,
): Kustomization | undefined {
  const path = NAMES.map(name => joinPath(folder, name)).find(
    candidate => snapshot.files[candidate],
  );
  if (path === undefined) {
    return undefined;
  }
  const [value] = readValues(snapshot, path);
  const parsed = kustomizationSchema.safeParse(value ?? {});
  if (!parsed.success) {
    throw new Refused('not-parsable', `${path}:1 is not a kustomization`);
  }
  return { path, folder: folderOf(path), value: parsed.data };
}

/** The documents of a file that has to be readable. */
export function readValues(
  snapshot: RepositorySnapshot,
  path: string,
): unknown[] {
  try {
    return parseYaml(snapshot.files[path].content).values;
  } catch (error) {
    throw refuseYaml(path, error);
  }
}

/** Says in which file and line a YAML problem is. */
export function refuseYaml(path: string, error: unknown): unknown {
  return error instanceof YamlProblem
    ? new Refused(
        error.kind === 'format' ? 'unsupported' : 'not-parsable',
        `${path}:${error.line} ${error.message}`,
      )
    : error;
}

const patchSchema = z.object({
  path: z.string().optional().catch(undefined),
  patch: z.string().optional().catch(undefined),
  target: z
    .object({
      kind: z.string().optional().catch(undefined),
      name: z.string().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const manifestSchema = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  spec: z.record(z.string(), z.unknown()).optional(),
});

/**
 * The kustomization that patches a field of a manifest's spec, if one does: a patch replaces lists, so what is added to the
 * manifest would have no effect.
 */
export function findPatch(
  snapshot: RepositorySnapshot,
  through: Kustomization[],
  subject: { kind: string; name: string; field: string },
): string | undefined {
  return through.find(({ folder, value }) =>
    [value.patches, value.patchesStrategicMerge, value.patchesJson6902]
      .flatMap(list => (Array.isArray(list) ? (list as unknown[]) : []))
      .some(entry => {
        const item =
          typeof entry === 'string'
            ? { path: entry }
            : patchSchema.safeParse(entry).data;
        const file = item?.path && resolvePath(folder, item.path);
        const text =
          (file ? snapshot.files[file]?.content : undefined) ??
          item?.patch ??
          (typeof entry === 'string' ? entry : '');
        return touches(text, subject, item?.target);
      }),
  )?.path;
}

function touches(
  text: string,
  subject: { kind: string; name: string; field: string },
  target?: { kind?: string; name?: string },
): boolean {
  let values: unknown[];
  try {
    values = parseYaml(text).values;
  } catch {
    // Kustomize would fail on it, and says so better.
    return false;
  }
  const isName = (name: string | undefined) =>
    // The name of a target is a regular expression; one that is more than a name counts as meant.
    name === undefined || name === subject.name || !/^[\w.-]*$/.test(name);
  return values.some(value => {
    if (Array.isArray(value)) {
      const kind = target?.kind ?? subject.kind;
      return (
        kind === subject.kind &&
        isName(target?.name) &&
        value.some((step: { path?: unknown } | null) =>
          `${step?.path}/`.startsWith(`/spec/${subject.field}/`),
        )
      );
    }
    const { data } = manifestSchema.safeParse(value);
    return (
      data?.kind === subject.kind &&
      isName(target ? target.name : data.metadata.name) &&
      data.spec?.[subject.field] !== undefined
    );
  });
}
