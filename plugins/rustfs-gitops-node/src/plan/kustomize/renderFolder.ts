import { BuildOptions } from '@rustfs-portal/plugin-rustfs-common';
import { minimatch } from 'minimatch';
import { isNode } from 'yaml';
import { RepositoryFile, RepositorySnapshot } from '../../types';
import { parseYaml } from '../../yaml';
import { nameOfApplier } from '../nameOfApplier';
import { isBelow, joinPath, resolvePath } from '../paths';
import { refuseYaml } from '../readValues';
import { Refused } from '../Refused';
import { Kustomization, readKustomization } from './Kustomization';
import { Patch, readInline } from './patches';
import { isRecord, RenderedObject, toObject } from './RenderedObject';
import { findFarReaching, transform, Transformation } from './transform';

/** What a GitOps engine makes of a folder. */
export interface RenderedFolder {
  /** The objects that were asked for, as often as they reach the cluster. */
  objects: RenderedObject[];
  /** The files that take part as resources. */
  files: Set<string>;
  /** Kustomizations that take part, by folder. */
  kustomizations: Map<string, Kustomization>;
  /** Resources that are not among the files of the folder: remote, outside, generated. */
  elsewhere: string[];
}

/** Overlays that multiply files beyond this are made by nobody. */
const MAX_VISITS = 20_000;

/** An object with this annotation is for tools alone; kustomize leaves it out. */
const LOCAL_CONFIG = 'config.kubernetes.io/local-config';

/**
 * Renders what a GitOps engine applies of a folder, as far as certain objects are concerned: what its kustomization leads
 * to, or, where there is none, every YAML file and the kustomizations of folders below, as Flux does it, or the files of a
 * directory, as Argo CD does.
 *
 * @param options.isOfInterest - whether a text may hold objects that matter; others are not parsed
 * @throws Refused when a file that decides cannot be read
 */
export function renderFolder(
  snapshot: RepositorySnapshot,
  options: {
    folder: string;
    build?: BuildOptions;
    isOfInterest: (text: string) => boolean;
  },
): RenderedFolder {
  const { folder, build = {}, isOfInterest } = options;
  const applier = nameOfApplier(build);
  const files = new Set<string>();
  const kustomizations = new Map<string, Kustomization>();
  const elsewhere: string[] = [];
  const paths = Object.keys(snapshot.files).sort();
  let visits = 0;

  const objects = renderRoot();
  const farReaching = [...kustomizations.values()].flatMap(kustomization =>
    findFarReaching(snapshot, kustomization),
  );
  for (const object of objects) {
    object.doubts.push(
      ...farReaching.flatMap(find => find(object) ?? []),
      ...findDropped(object),
    );
  }
  return { objects, files, kustomizations, elsewhere };

  /** The folder itself: the engine adds its own options to the kustomization that it has or would have. */
  function renderRoot(): RenderedObject[] {
    const own = readKustomization(snapshot, folder);
    const kustomization = own ?? createImplicit(folder);
    const { value } = kustomization;
    const rendered = own
      ? renderResources(own, [], [])
      : renderWithout(build.directory);
    const components = [
      ...(value.components ?? []).map((path, i) => ({
        path,
        by: kustomization.where('components', i),
        optional: false,
      })),
      ...(build.components ?? []).map((path, i) => ({
        path,
        by: `spec.components[${i}] of the ${applier}`,
        optional: build.ignoreMissingComponents ?? false,
      })),
    ];
    const through = own ? [own] : [];
    renderComponents(kustomization, components, rendered, through, [folder]);
    transform(snapshot, rendered, {
      kustomization,
      namespace: build.targetNamespace || value.namespace,
      namePrefix: build.namePrefix || value.namePrefix,
      nameSuffix: build.nameSuffix || value.nameSuffix,
      patches: (build.patches ?? []).map(
        ({ patch, target }, i): Patch => ({
          by: `spec.patches[${i}] of the ${applier}`,
          target,
          content: readInline(patch),
        }),
      ),
    });
    for (const { labels, annotations } of rendered) {
      const { commonMetadata } = build;
      Object.entries(commonMetadata?.labels ?? {}).forEach(([key, text]) =>
        labels?.set(key, text),
      );
      Object.entries(commonMetadata?.annotations ?? {}).forEach(([key, text]) =>
        annotations?.set(key, text),
      );
    }
    return rendered;
  }

  /** A folder without a kustomization of its own. */
  function renderWithout(directory: BuildOptions['directory']) {
    return directory ? renderDirectory(directory) : renderFiles(folder, []);
  }

  /** A folder whose files are applied as they are. */
  function renderDirectory({
    exclude,
    include,
    recurse,
  }: NonNullable<BuildOptions['directory']>): RenderedObject[] {
    // In patterns of Argo CD a star goes past slashes.
    const flat = (text: string) => text.split('/').join('\u0000');
    const matches = (name: string, pattern: string | undefined) =>
      pattern
        ? minimatch(flat(name), flat(pattern), {
            dot: true,
            nocomment: true,
            noext: true,
            nonegate: true,
          })
        : undefined;
    return paths
      .filter(path => isBelow(path, folder))
      .filter(path => {
        const name = path.slice(folder ? folder.length + 1 : 0);
        return (
          (recurse || !name.includes('/')) &&
          !matches(name, exclude) &&
          matches(name, include) !== false
        );
      })
      .flatMap(path => renderFile(path, []));
  }

  /** A folder without a kustomization: all YAML files, down to folders that have one. */
  function renderFiles(
    current: string,
    through: Kustomization[],
  ): RenderedObject[] {
    const children = new Set<string>();
    const own: RenderedObject[] = [];
    for (const path of paths.filter(p => isBelow(p, current))) {
      const [child, ...rest] = path
        .slice(current ? current.length + 1 : 0)
        .split('/');
      if (rest.length === 0) {
        own.push(...renderFile(path, through));
      } else {
        children.add(joinPath(current, child));
      }
    }
    return [
      ...own,
      ...[...children].flatMap(child => {
        const kustomization = readKustomization(snapshot, child);
        return kustomization
          ? renderKustomization(kustomization, through, [])
          : renderFiles(child, through);
      }),
    ];
  }

  function renderKustomization(
    kustomization: Kustomization,
    through: Kustomization[],
    stack: string[],
  ): RenderedObject[] {
    const { value } = kustomization;
    const rendered = renderResources(kustomization, through, stack);
    renderComponents(
      kustomization,
      (value.components ?? []).map((path, i) => ({
        path,
        by: kustomization.where('components', i),
        optional: false,
      })),
      rendered,
      [...through, kustomization],
      [...stack, kustomization.folder],
    );
    transform(snapshot, rendered, toTransformation(kustomization));
    return rendered;
  }

  function renderResources(
    kustomization: Kustomization,
    through: Kustomization[],
    stack: string[],
  ): RenderedObject[] {
    kustomizations.set(kustomization.folder, kustomization);
    const { resources, bases, generators, transformers, helmCharts } =
      kustomization.value;
    const next = [...through, kustomization];
    const rendered = [...(resources ?? []), ...(bases ?? [])].flatMap(entry => {
      const path = resolvePath(kustomization.folder, entry);
      // Entries are what people write: `constructor` is a folder, not what every object has by that name.
      if (path !== undefined && Object.hasOwn(snapshot.files, path)) {
        return renderFile(path, next);
      }
      const nested =
        path === undefined ? undefined : readKustomization(snapshot, path);
      if (nested && nested.folder !== kustomization.folder) {
        return stack.includes(nested.folder)
          ? []
          : renderKustomization(nested, next, [...stack, kustomization.folder]);
      }
      elsewhere.push(`${entry} (in ${kustomization.path})`);
      return [];
    });
    const others = { generators, transformers, helmCharts };
    for (const [field, value] of Object.entries(others)) {
      if (value) {
        elsewhere.push(`${field} (in ${kustomization.path})`);
      }
    }
    return rendered;
  }

  /** Components act on what the kustomization has so far, and add to it. */
  function renderComponents(
    { folder: from, path: of }: Kustomization,
    components: Array<{ path: string; by: string; optional: boolean }>,
    rendered: RenderedObject[],
    through: Kustomization[],
    stack: string[],
  ): void {
    for (const { path: entry, by, optional } of components) {
      const path = resolvePath(from, entry);
      const component =
        path === undefined || stack.includes(path)
          ? undefined
          : readKustomization(snapshot, path);
      if (!component) {
        const isMissing =
          optional && path !== undefined && isBelow(path, folder);
        if (!isMissing) {
          elsewhere.push(`${entry} (in ${of})`);
          rendered.forEach(({ doubts }) =>
            doubts.push({
              kind: 'unknown',
              by,
              what: `brings in the component ${entry}, which cannot be read, so the list may be set there`,
            }),
          );
        }
        continue;
      }
      visit();
      rendered.push(...renderResources(component, through, stack));
      renderComponents(
        component,
        (component.value.components ?? []).map((nested, i) => ({
          path: nested,
          by: component.where('components', i),
          optional: false,
        })),
        rendered,
        [...through, component],
        [...stack, component.folder],
      );
      transform(snapshot, rendered, toTransformation(component));
    }
  }

  function renderFile(
    path: string,
    through: Kustomization[],
  ): RenderedObject[] {
    visit();
    files.add(path);
    const { content } = snapshot.files[path];
    if (!isOfInterest(content)) {
      return [];
    }
    return readObjects(snapshot, path).flatMap(({ manifest, ...place }) => {
      const object = toObject(manifest, { ...place, path, through });
      return !object || object.annotations?.has(LOCAL_CONFIG) ? [] : [object];
    });
  }

  function visit() {
    visits += 1;
    if (visits > MAX_VISITS) {
      throw new Refused(
        'too-large',
        `The kustomizations in ${
          folder || 'the repository'
        } use more than ${MAX_VISITS} files and components; give the Kustomization of the tenant a folder of its own`,
      );
    }
  }
}

type FileObjects = Array<
  Pick<RenderedObject, 'at' | 'document' | 'line'> & { manifest: unknown }
>;

/** Of the files of a snapshot, which are looked at more than once: by overlays, and before a change is planned. */
const READ = new WeakMap<RepositoryFile, FileObjects>();

/**
 * The manifests of a file; the items of a List are manifests too.
 *
 * @throws Refused when it is no valid YAML
 */
export function readObjects(
  snapshot: RepositorySnapshot,
  path: string,
): FileObjects {
  const file = snapshot.files[path];
  const known = READ.get(file);
  if (known) {
    return known;
  }
  try {
    const objects = toObjects(file.content);
    READ.set(file, objects);
    return objects;
  } catch (error) {
    throw refuseYaml(path, error);
  }
}

function toObjects(content: string): FileObjects {
  const { documents, values, lines } = parseYaml(content);
  return values.flatMap((manifest, document) => {
    const place = (at: Array<string | number>) => {
      const { contents } = documents[document];
      const node = at.length ? documents[document].getIn(at, true) : contents;
      const range = (isNode(node) ? node : contents)?.range;
      return { document, at, line: lines.linePos(range?.[0] ?? 0).line };
    };
    if (
      isRecord(manifest) &&
      String(manifest.kind).endsWith('List') &&
      Array.isArray(manifest.items)
    ) {
      return manifest.items.map((item: unknown, i) => ({
        manifest: item,
        ...place(['items', i]),
      }));
    }
    return [{ manifest, ...place([]) }];
  });
}

function toTransformation(kustomization: Kustomization): Transformation {
  const { namespace, namePrefix, nameSuffix } = kustomization.value;
  return { kustomization, namespace, namePrefix, nameSuffix, patches: [] };
}

/** Stands for the kustomization that Flux makes where there is none. */
function createImplicit(folder: string): Kustomization {
  const path = joinPath(folder, 'kustomization.yaml');
  return { path, folder, value: {}, unknown: [], where: () => path };
}

const FLUX = 'kustomize.toolkit.fluxcd.io';

/** Labels and annotations with which kustomize or Flux leave an object as it is in the cluster. */
function findDropped(object: RenderedObject) {
  const { labels, annotations, path, line } = object;
  const read = (key: string) =>
    (annotations?.get(key) ?? labels?.get(key))?.toLowerCase();
  const reasons = [
    annotations?.has(LOCAL_CONFIG) && LOCAL_CONFIG,
    read(`${FLUX}/reconcile`) === 'disabled' && `${FLUX}/reconcile: disabled`,
    ['ignore', 'ifnotpresent'].includes(read(`${FLUX}/ssa`) ?? '') &&
      `${FLUX}/ssa: ${annotations?.get(`${FLUX}/ssa`) ?? ''}`,
  ].filter(reason => typeof reason === 'string');
  return reasons.map(reason => ({
    kind: 'list' as const,
    by: `${path}:${line}`,
    what: `is not applied, for it has ${reason}`,
  }));
}
