import { RepositorySnapshot } from '../../types';
import { applyPatch, moveTo, rename } from './applyPatch';
import { meet, readDotted, readFieldSpec } from './fieldPath';
import { Kustomization } from './Kustomization';
import { ListName, listsAt, writeLists } from './lists';
import { Patch, readFile, readInline, readPatches } from './patches';
import { Doubt, isRecord, RenderedObject } from './RenderedObject';
import { mayChoose } from './selectors';

/** What a kustomization does to objects, with what the engine adds to it. */
export interface Transformation {
  kustomization: Kustomization;
  namespace?: string | null;
  namePrefix?: string | null;
  nameSuffix?: string | null;
  /** Follow those of the kustomization. */
  patches: Patch[];
}

/**
 * Does to objects what a kustomization does to everything below it, in the order in which kustomize does it. A step is
 * either understood, or noted as a doubt of the objects that it may reach.
 */
export function transform(
  snapshot: RepositorySnapshot,
  objects: RenderedObject[],
  transformation: Transformation,
): void {
  const { kustomization, namespace, namePrefix, nameSuffix } = transformation;
  const { value } = kustomization;
  const patch = (patches: Patch[]) =>
    patches.forEach(each =>
      objects.forEach(object => applyPatch(object, each)),
    );

  noteUnknown(snapshot, objects, kustomization);
  patch(readPatches(snapshot, kustomization, 'patchesStrategicMerge'));
  patch([
    ...readPatches(snapshot, kustomization, 'patches'),
    ...transformation.patches,
  ]);
  for (const object of objects) {
    if (namespace) {
      moveTo(object, namespace);
    }
    rename(object, { prefix: namePrefix });
    rename(object, { suffix: nameSuffix });
    label(object, kustomization);
  }
  patch(readPatches(snapshot, kustomization, 'patchesJson6902'));
  for (const [i, entry] of (value.replacements ?? []).entries()) {
    const by = kustomization.where('replacements', i);
    readReplacements(snapshot, kustomization, entry).forEach(replacement =>
      objects.forEach(object => replace(object, replacement, by)),
    );
  }
}

function label(object: RenderedObject, { value, where }: Kustomization): void {
  const { commonLabels, commonAnnotations, labels } = value;
  for (const [key, text] of Object.entries(commonLabels ?? {})) {
    object.labels?.set(key, String(text));
  }
  for (const [key, text] of Object.entries(commonAnnotations ?? {})) {
    object.annotations?.set(key, String(text));
  }
  for (const [i, entry] of (labels ?? []).entries()) {
    const { pairs, fields } = isRecord(entry) ? entry : {};
    for (const [key, text] of Object.entries(isRecord(pairs) ? pairs : {})) {
      object.labels?.set(key, String(text));
    }
    const lists = fields ? reach(fields, object) : [];
    if (lists.length) {
      object.doubts.push({
        kind: 'list',
        lists,
        by: where('labels', i),
        what: `puts labels into ${writeLists(lists)} of it`,
      });
    }
  }
}

/** The lists of an object that field specs, in whatever they stand, lead into. */
function reach(specs: unknown, object: RenderedObject): ListName[] {
  if (Array.isArray(specs)) {
    return specs.flatMap(spec => reach(spec, object));
  }
  if (!isRecord(specs)) {
    return [];
  }
  const { path, kind, group } = specs;
  if (typeof path === 'string') {
    const fits =
      (kind ?? object.kind) === object.kind &&
      (group ?? object.group) === object.group;
    return fits ? listsAt(readFieldSpec(path)) : [];
  }
  return Object.values(specs).flatMap(value => reach(value, object));
}

type Content = ReturnType<typeof readInline>;

function readReplacements(
  snapshot: RepositorySnapshot,
  { folder }: Kustomization,
  entry: unknown,
): Array<Record<string, unknown> | { unreadable: string }> {
  if (!isRecord(entry)) {
    return [{ unreadable: 'something that is none' }];
  }
  if (typeof entry.path !== 'string') {
    return [entry];
  }
  const content = readFile(snapshot, folder, entry.path);
  return 'unreadable' in content
    ? [content]
    : content.values
        .flat()
        .map(each => (isRecord(each) ? each : { unreadable: `${entry.path}` }));
}

/** A replacement that writes into the list or the name of an object, or takes something from its list. */
function replace(
  object: RenderedObject,
  replacement: Record<string, unknown>,
  by: string,
): void {
  const { source, targets, unreadable } = replacement;
  if (typeof unreadable === 'string') {
    object.doubts.push({
      kind: 'unknown',
      by,
      what: `has replacements in ${unreadable}, which cannot be read`,
    });
    return;
  }
  const uses = [
    { select: source, fieldPaths: isRecord(source) ? [source.fieldPath] : [] },
    ...(Array.isArray(targets) ? targets : []).filter(isRecord),
  ];
  for (const { select, fieldPaths } of uses) {
    if (!mayChoose(select, object)) {
      continue;
    }
    const paths = (Array.isArray(fieldPaths) ? fieldPaths : [undefined]).map(
      path => readDotted(typeof path === 'string' ? path : 'metadata.name'),
    );
    const lists = [...new Set(paths.flatMap(listsAt))];
    if (lists.length) {
      object.doubts.push({
        kind: 'list',
        lists,
        by,
        what: `has a replacement for ${writeLists(lists)} of it`,
      });
    }
    const isTarget = select !== source;
    const names = ['name', 'namespace'].map(field => ['metadata', field]);
    if (
      isTarget &&
      paths.some(path =>
        [['kind'], ['apiVersion'], ...names].some(field => meet(path, field)),
      )
    ) {
      object.doubts.push({
        kind: 'identity',
        by,
        what: 'replaces its kind, name or namespace',
      });
    }
    if (isTarget && paths.some(path => meet(path, ['metadata', 'labels']))) {
      object.labels = undefined;
    }
    if (
      isTarget &&
      paths.some(path => meet(path, ['metadata', 'annotations']))
    ) {
      object.annotations = undefined;
    }
  }
}

/** Generators of kustomize that make nothing but ConfigMaps and Secrets. */
const PLAIN_GENERATORS = ['ConfigMapGenerator', 'SecretGenerator'];

/** Fields that run something else over the objects, or that the portal has never heard of. */
function noteUnknown(
  snapshot: RepositorySnapshot,
  objects: RenderedObject[],
  kustomization: Kustomization,
): void {
  const { value, unknown, where, folder } = kustomization;
  const doubt = (field: string, what: string) =>
    objects.forEach(({ doubts }) =>
      doubts.push({ kind: 'unknown', by: where(field), what }),
    );
  const read = (entry: unknown): Content =>
    typeof entry === 'string'
      ? firstReadable(readInline(entry), () =>
          readFile(snapshot, folder, entry),
        )
      : { unreadable: 'something' };
  for (const entry of value.generators ?? []) {
    const content = read(entry);
    const isPlain =
      'values' in content &&
      content.values.every(
        each =>
          isRecord(each) &&
          each.apiVersion === 'builtin' &&
          PLAIN_GENERATORS.includes(String(each.kind)),
      );
    if (!isPlain) {
      doubt('generators', 'runs a generator');
    }
  }
  for (const field of ['transformers', 'validators'] as const) {
    if (value[field]?.length) {
      doubt(field, `runs ${field} over it`);
    }
  }
  for (const field of ['helmCharts', 'helmChartInflationGenerator'] as const) {
    if (value[field]) {
      doubt(field, 'renders Helm charts beside it');
    }
  }
  for (const field of unknown) {
    doubt(field, `has the field ${field}, which the portal does not know`);
  }
}

function firstReadable(inline: Content, file: () => Content): Content {
  return 'values' in inline && inline.values.some(isRecord) ? inline : file();
}

/**
 * What a kustomization brings along that acts on everything in the whole build, wherever it stands: field specs and
 * schemas.
 */
export function findFarReaching(
  snapshot: RepositorySnapshot,
  { value, folder, where }: Kustomization,
): Array<(object: RenderedObject) => Doubt | undefined> {
  const paths = (field: 'configurations' | 'crds') =>
    (value[field] ?? []).map((entry, i) => {
      const content: Content =
        typeof entry === 'string'
          ? readFile(snapshot, folder, entry)
          : { unreadable: 'something' };
      return { by: where(field, i), content, path: String(entry) };
    });
  return [
    ...paths('configurations').map(
      ({ by, content, path }) =>
        (object: RenderedObject): Doubt | undefined => {
          const lists =
            'values' in content ? reach(content.values, object) : undefined;
          if (lists?.length === 0) {
            return undefined;
          }
          return {
            kind: 'list',
            lists,
            by,
            what: `has field specs in ${path} that may lead to ${writeLists(
              lists ?? ['buckets'],
            )} of it`,
          };
        },
    ),
    ...paths('crds').map(({ by, content, path }) => (): Doubt | undefined => {
      const isAboutOthers =
        'values' in content &&
        !JSON.stringify(content.values).includes('rustfs');
      return isAboutOthers
        ? undefined
        : {
            kind: 'unknown',
            by,
            what: `has definitions in ${path} that may be about it`,
          };
    }),
    ...(value.openapi
      ? [
          ({ merged }: RenderedObject): Doubt | undefined =>
            merged
              ? {
                  kind: 'unknown',
                  by: where('openapi'),
                  what: 'has a schema by which patches of it are merged',
                }
              : undefined,
        ]
      : []),
  ];
}
