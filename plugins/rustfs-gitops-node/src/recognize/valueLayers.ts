import { folderOf, isBelow, resolvePath } from '../plan/paths';
import { isRecord } from '../plan/kustomize/RenderedObject';
import {
  readDocuments,
  readInner,
  recordsAt,
  textAt,
  valueAt,
  YamlDocument,
  YamlKeys,
} from './yamlFiles';

/** Values for one chart from one place; `at` is where its values begin there. */
export interface ValueLayer {
  document: YamlDocument;
  at: YamlKeys;
}

/** A chart as something in the repository asks for it. */
export interface ChartUse {
  /** In words: `HelmRelease storage/rustfs`. */
  by: string;
  place: string;
  folder: string;
  /** What a setup folder beside it is called after. */
  name: string;
  namespace?: string;
  /** With the folder of a chart that lies in this repository. */
  chart: { name?: string; repository?: string; folder?: string };
  /** The last wins; lists are replaced as a whole. */
  layers: ValueLayer[];
  /** Values that cannot be read here. */
  unreadable: Array<{ place: string; because: string }>;
  /** Values that name one entry of a list by its index, which win over all layers. */
  parameters: Array<{ name: string; document: YamlDocument; at: YamlKeys }>;
}

/** All files of a repository, and the documents in them. */
export interface RepositoryFilesRead {
  texts: Record<string, string>;
  documents: YamlDocument[];
}

/** Everything in a repository that asks for a chart: by Flux, Argo CD, kustomize, or as the dependency of another chart. */
export function findChartUses(files: RepositoryFilesRead): ChartUse[] {
  const asked = files.documents.flatMap(document => {
    const { apiVersion, kind } = document.value;
    const group = String(apiVersion).split('/')[0];
    if (group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease') {
      return readHelmRelease(document, files);
    }
    if (group === 'argoproj.io' && kind === 'Application') {
      return readApplication(document, files);
    }
    return recordsAt(document.value, ['helmCharts']).map((entry, i) =>
      readHelmCharts({ document, entry, i }, files),
    );
  });
  const wrappers = files.documents.filter(
    ({ path }) => path.split('/').at(-1) === 'Chart.yaml',
  );
  return [
    ...asked.filter(({ chart }) => chart.folder === undefined),
    ...wrappers.flatMap(document => readWrapper(document, asked, files)),
  ];
}

const nameOf = ({ value }: YamlDocument) =>
  textAt(value, ['metadata', 'name']) ?? '';

const namespaceOf = ({ value }: YamlDocument) =>
  textAt(value, ['metadata', 'namespace']);

function writeObject(document: YamlDocument): string {
  return `${document.value.kind} ${[namespaceOf(document), nameOf(document)]
    .filter(Boolean)
    .join('/')}`;
}

function readHelmRelease(
  document: YamlDocument,
  files: RepositoryFilesRead,
): ChartUse[] {
  const { path, value } = document;
  const reference = textAt(value, ['spec', 'chartRef', 'name']);
  const source =
    reference ?? textAt(value, ['spec', 'chart', 'spec', 'sourceRef', 'name']);
  const repository = files.documents
    .filter(
      other =>
        ['OCIRepository', 'HelmRepository'].includes(
          String(other.value.kind),
        ) && nameOf(other) === source,
    )
    .map(other => textAt(other.value, ['spec', 'url']))[0];
  const layers: ValueLayer[] = [];
  const unreadable: ChartUse['unreadable'] = [];
  recordsAt(value, ['spec', 'valuesFrom']).forEach((from, i) => {
    const found = readValuesFrom(from, document, files);
    if (found.length) {
      layers.push(...found);
    } else if (!from.targetPath) {
      unreadable.push({
        place: `${path}:${document.lineAt(['spec', 'valuesFrom', i])}`,
        because: `values come from ${from.kind} ${from.name}, which is not among the files that can be read here`,
      });
    }
  });
  if (isRecord(valueAt(value, ['spec', 'values']))) {
    layers.push({ document, at: ['spec', 'values'] });
  }
  const url = repository ?? '';
  const chart = textAt(value, ['spec', 'chart', 'spec', 'chart']);
  const isFolder =
    textAt(value, ['spec', 'chart', 'spec', 'sourceRef', 'kind']) ===
    'GitRepository';
  return [
    {
      by: writeObject(document),
      place: `${path}:${document.lineAt([])}`,
      folder: folderOf(path),
      name: textAt(value, ['spec', 'releaseName']) ?? nameOf(document),
      namespace:
        textAt(value, ['spec', 'targetNamespace']) ?? namespaceOf(document),
      chart: {
        name: chart ?? (url ? url.split('/').at(-1) : reference),
        repository: url,
        folder: isFolder ? resolvePath('', chart ?? '') : undefined,
      },
      layers,
      unreadable,
      parameters: [],
    },
  ];
}

/** A ConfigMap, as it is in the files or generated from one of them. */
function readValuesFrom(
  from: Record<string, unknown>,
  { path }: YamlDocument,
  files: RepositoryFilesRead,
): ValueLayer[] {
  if (from.kind !== 'ConfigMap') {
    return [];
  }
  const key =
    typeof from.valuesKey === 'string' ? from.valuesKey : 'values.yaml';
  return files.documents.flatMap(document => {
    if (document.value.kind === 'ConfigMap') {
      return nameOf(document) === from.name
        ? readInner(document, ['data', key]).map(inner => ({
            document: inner,
            at: [],
          }))
        : [];
    }
    return isBelow(path, folderOf(document.path))
      ? recordsAt(document.value, ['configMapGenerator'])
          .filter(({ name }) => name === from.name)
          .flatMap(({ files: generated }) =>
            (Array.isArray(generated) ? generated : [])
              .map(String)
              .map(entry =>
                entry.includes('=') ? entry.split('=') : [entry, entry],
              )
              .filter(([name]) => name.split('/').at(-1) === key)
              .flatMap(([, file]) =>
                layersOf(resolvePath(folderOf(document.path), file), files),
              ),
          )
      : [];
  });
}

function readApplication(
  document: YamlDocument,
  files: RepositoryFilesRead,
): ChartUse[] {
  const { path, value } = document;
  const sources: YamlKeys[] = [
    ...(isRecord(valueAt(value, ['spec', 'source']))
      ? [['spec', 'source']]
      : []),
    ...recordsAt(value, ['spec', 'sources']).map(
      (_, i): YamlKeys => ['spec', 'sources', i],
    ),
  ];
  return sources.flatMap(at => {
    const own = (...keys: YamlKeys): YamlKeys => [...at, ...keys];
    const chart = textAt(value, own('chart'));
    const chartFolder = textAt(value, own('path'));
    if (!chart && chartFolder === undefined) {
      return [];
    }
    const named = valueAt(value, own('helm', 'valueFiles'));
    const layers = (Array.isArray(named) ? named.map(String) : []).flatMap(
      file =>
        layersOf(
          file.startsWith('$')
            ? resolvePath('', file.replace(/^\$[^/]*\//, ''))
            : resolvePath(chartFolder ?? '', file),
          files,
        ),
    );
    layers.push(
      ...readInner(document, own('helm', 'values')).map(
        (inner): ValueLayer => ({ document: inner, at: [] }),
      ),
    );
    if (isRecord(valueAt(value, own('helm', 'valuesObject')))) {
      layers.push({ document, at: own('helm', 'valuesObject') });
    }
    return [
      {
        by: writeObject(document),
        place: `${path}:${document.lineAt([])}`,
        folder: folderOf(path),
        name: textAt(value, own('helm', 'releaseName')) ?? nameOf(document),
        namespace: textAt(value, ['spec', 'destination', 'namespace']),
        chart: {
          name: chart,
          repository: textAt(value, own('repoURL')),
          folder: chart ? undefined : resolvePath('', chartFolder ?? ''),
        },
        layers,
        unreadable: [],
        parameters: recordsAt(value, own('helm', 'parameters')).map(
          ({ name }, i) => ({
            name: String(name),
            document,
            at: own('helm', 'parameters', i),
          }),
        ),
      },
    ];
  });
}

function readHelmCharts(
  used: {
    document: YamlDocument;
    entry: Record<string, unknown>;
    i: number;
  },
  files: RepositoryFilesRead,
): ChartUse {
  const { document, entry, i } = used;
  const folder = folderOf(document.path);
  const more = entry.additionalValuesFiles;
  const named = [entry.valuesFile, ...(Array.isArray(more) ? more : [])];
  const layers = named.flatMap(file =>
    typeof file === 'string' ? layersOf(resolvePath(folder, file), files) : [],
  );
  if (isRecord(entry.valuesInline)) {
    const inline: ValueLayer = {
      document,
      at: ['helmCharts', i, 'valuesInline'],
    };
    if (entry.valuesMerge === 'merge') {
      layers.unshift(inline);
    } else {
      layers.push(inline);
    }
  }
  return {
    by: `helmCharts in ${document.path}`,
    place: `${document.path}:${document.lineAt(['helmCharts', i])}`,
    folder,
    name: textAt(entry, ['releaseName']) ?? String(entry.name),
    namespace:
      textAt(entry, ['namespace']) ?? textAt(document.value, ['namespace']),
    chart: { name: String(entry.name), repository: textAt(entry, ['repo']) },
    layers,
    unreadable: [],
    parameters: [],
  };
}

/**
 * The dependencies of a chart in the repository. Their values are in its own, below their alias or name, and in the files
 * that whoever uses it names; where nobody here does, in whatever values lie beside.
 */
function readWrapper(
  document: YamlDocument,
  asked: ChartUse[],
  files: RepositoryFilesRead,
): ChartUse[] {
  const folder = folderOf(document.path);
  const user = asked.find(({ chart }) => chart.folder === folder);
  const beside = Object.keys(files.texts)
    .filter(
      path =>
        folderOf(path) === folder &&
        /^values[^/]*\.ya?ml$/.test(basename(path)),
    )
    .sort((a, b) => a.length - b.length);
  const paths = user
    ? beside.filter(path => /^values\.ya?ml$/.test(basename(path)))
    : beside;
  const layers = [
    ...paths.flatMap(path => layersOf(path, files)),
    ...(user?.layers ?? []),
  ];
  return recordsAt(document.value, ['dependencies']).map((dependency, i) => {
    const below = String(dependency.alias ?? dependency.name);
    return {
      by:
        user?.by ??
        `the chart in ${folder || 'the root'}, by its dependency ${below}`,
      place: `${document.path}:${document.lineAt(['dependencies', i])}`,
      folder,
      name: below,
      namespace: user?.namespace,
      chart: {
        name: String(dependency.name),
        repository: textAt(dependency, ['repository']),
      },
      layers: layers.map(({ at, document: of }) => ({
        document: of,
        at: [...at, below],
      })),
      unreadable: user?.unreadable ?? [],
      parameters: (user?.parameters ?? []).flatMap(parameter =>
        parameter.name.startsWith(`${below}.`)
          ? [{ ...parameter, name: parameter.name.slice(below.length + 1) }]
          : [],
      ),
    };
  });
}

function basename(path: string): string {
  return path.split('/').at(-1)!;
}

/** The values in a file. */
function layersOf(
  path: string | undefined,
  { documents }: RepositoryFilesRead,
): ValueLayer[] {
  return documents
    .filter(document => document.path === path)
    .map(document => ({ document, at: [] }));
}

export function readAll(texts: Record<string, string>): YamlDocument[] {
  return Object.keys(texts)
    .filter(path => /(\.ya?ml|(^|\/)Kustomization)$/.test(path))
    .flatMap(path => readDocuments(path, texts[path]));
}
