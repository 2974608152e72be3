import { isRecord } from '../plan/kustomize/RenderedObject';
import { folderOf, joinPath } from '../plan/paths';
import {
  Chart,
  findImage,
  recognizeChart,
  recognizeLooseValues,
} from './charts';
import { findRendered } from './rendered';
import { findInScripts } from './scripts';
import {
  HiddenList,
  Installation,
  MadeElsewhere,
  RepositoryFindings,
} from './types';
import {
  ChartUse,
  findChartUses,
  readAll,
  RepositoryFilesRead,
  ValueLayer,
} from './valueLayers';
import { recordsAt, textAt, valueAt, YamlDocument } from './yamlFiles';

/**
 * Looks at a repository as it is: what installs a server and where a setup folder would lie beside it, who else makes buckets
 * and users, and what is rendered from templates. Everything is told by its shape; nothing is run. Pure.
 *
 * @param texts - the YAML files of a repository and the templates in it, by path
 * @public
 */
export function recognizeRepository(
  texts: Record<string, string>,
): RepositoryFindings {
  const rendered = findRendered(Object.keys(texts));
  const files: RepositoryFilesRead = { texts, documents: readAll(texts) };
  const uses = findChartUses(files).flatMap(use => {
    const chart = recognizeChart(
      use.chart,
      [...use.layers]
        .reverse()
        .map(({ at, document }) => valueAt(document.value, at)),
    );
    return chart ? [{ use, chart }] : [];
  });
  const used = new Set(
    uses.flatMap(({ use }) => use.layers.map(({ document }) => document.path)),
  );
  // Values beside a chart are the business of whoever uses it.
  const charts = new Set(
    Object.keys(texts)
      .filter(path => /(^|\/)Chart\.ya?ml$/.test(path))
      .map(folderOf),
  );
  const loose = files.documents.flatMap(document => {
    const { value, path } = document;
    const isManifest =
      value.apiVersion !== undefined && value.kind !== undefined;
    const found =
      isManifest || used.has(path) || charts.has(folderOf(path))
        ? undefined
        : recognizeLooseValues(value, path);
    return found ? [toLooseUse(document, found)] : [];
  });
  const objects = files.documents.flatMap(readObject);
  const all = [...uses, ...loose];
  return {
    installations: [
      ...all.map(({ use, chart }) => toInstallation(use, chart)),
      ...objects.map(({ installation }) => installation),
    ],
    madeElsewhere: [
      ...all.flatMap(({ use, chart }) => readLists(use, chart)),
      ...objects.flatMap(({ madeElsewhere }) => madeElsewhere),
      ...findScripts(files, rendered),
    ].map(made => ({
      ...made,
      lines: made.lines.map(lines =>
        Object.hasOwn(rendered, lines.path)
          ? { ...lines, template: rendered[lines.path] }
          : lines,
      ),
    })),
    hidden: all.flatMap(({ use, chart }) => findHidden(use, chart)),
    rendered,
  };
}

/** In templates only where what they are rendered to is not there: the result has no variables. */
function findScripts(
  { documents, texts }: RepositoryFilesRead,
  rendered: Record<string, string>,
): MadeElsewhere[] {
  const seen = new Set(
    Object.entries(rendered).flatMap(([path, template]) =>
      Object.hasOwn(texts, path) ? [template] : [],
    ),
  );
  const byPath = new Map<string, YamlDocument[]>();
  for (const document of documents) {
    byPath.set(document.path, [...(byPath.get(document.path) ?? []), document]);
  }
  return Object.entries(texts).flatMap(([path, text]) =>
    seen.has(path) ? [] : findInScripts(path, text, byPath.get(path) ?? []),
  );
}

interface RecognizedUse {
  use: ChartUse;
  chart: Chart;
}

function toInstallation(use: ChartUse, chart: Chart): Installation {
  return {
    software: chart.software,
    how: chart.how,
    by: use.by,
    place: use.place,
    ...whereOf(use),
    layout: 'setup-folder',
    setupFolder: setupFolderBeside(use.folder, use.name),
  };
}

function whereOf({
  folder,
  namespace,
}: Pick<MadeElsewhere, 'folder' | 'namespace'>) {
  return { folder, ...(namespace && { namespace }) };
}

/** Beside the folder of what installs the server, where its chart does not read it. */
function setupFolderBeside(folder: string, name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return joinPath(folderOf(folder), `${plain}-setup`);
}

/** Values that no chart in the repository asks for. */
function toLooseUse(
  document: YamlDocument,
  found: NonNullable<ReturnType<typeof recognizeLooseValues>>,
): RecognizedUse {
  const { path } = document;
  const { below, chart } = found;
  const file = path
    .split('/')
    .at(-1)!
    .replace(/\.ya?ml$/, '');
  const plain = /^values/.test(file)
    ? folderOf(path).split('/').at(-1) ?? ''
    : file;
  return {
    chart: { ...chart, how: 'values' },
    use: {
      by: `values for ${chart.title} in ${path}`,
      place: `${path}:${document.lineAt(below)}`,
      folder: folderOf(path),
      name: String(below.at(-1) ?? (plain || chart.software)),
      chart: {},
      layers: [{ document, at: below }],
      unreadable: [],
      parameters: [],
    },
  };
}

/** What the lists of a chart make, as far as its values can be read. Helm replaces a list: the last layer that has it counts. */
function readLists(use: ChartUse, chart: Chart): MadeElsewhere[] {
  if (hiddenBy(use, chart)) {
    return [];
  }
  return chart.lists.flatMap(({ type, at, key }) => {
    const listed = use.layers.map(layer => readEntries(layer, at, key));
    const isSet = (layer: ValueLayer) =>
      Array.isArray(valueAt(layer.document.value, [...layer.at, ...at]));
    const last = use.layers.map(isSet).lastIndexOf(true);
    const by = `the list ${at.join('.')} of ${chart.title} (${use.by})`;
    const made = (last < 0 ? [] : listed[last]).map(
      ({ name }): MadeElsewhere => ({
        type,
        name,
        by,
        effect: chart.effect,
        ...whereOf(use),
        // In the last layer first: the others count once that is gone.
        lines: [...listed]
          .reverse()
          .flatMap(entries =>
            entries
              .filter(entry => entry.name === name)
              .map(({ document, keys }) => document.linesAt(keys)),
          ),
      }),
    );
    const pattern = new RegExp(`^${at.join('\\.')}\\[\\d+\\]\\.${key}$`);
    const parameters = use.parameters
      .filter(({ name }) => pattern.test(name))
      .flatMap(({ document, at: keys }): MadeElsewhere[] => {
        const name = textAt(document.value, [...keys, 'value']);
        return name
          ? [
              {
                type,
                name,
                by: `a parameter of ${use.by} for ${at.join('.')} of ${
                  chart.title
                }`,
                effect: chart.effect,
                ...whereOf(use),
                lines: [document.linesAt(keys)],
              },
            ]
          : [];
      });
    return [...made, ...parameters];
  });
}

function readEntries(
  { document, at }: ValueLayer,
  list: Array<string | number>,
  key: string,
) {
  const items = valueAt(document.value, [...at, ...list]);
  return (Array.isArray(items) ? items : []).flatMap((item: unknown, i) => {
    const name = isRecord(item) ? textAt(item, [key]) : undefined;
    return name ? [{ name, document, keys: [...at, ...list, i] }] : [];
  });
}

/** The last layer that names a Secret which holds the lists. */
function hiddenBy(use: ChartUse, { hiddenBy: at }: Chart) {
  return at
    ? [...use.layers]
        .reverse()
        .map(layer => ({
          layer,
          keys: [...layer.at, ...at],
          secret: textAt(layer.document.value, [...layer.at, ...at]),
        }))
        .find(({ secret }) => secret !== undefined)
    : undefined;
}

function findHidden(use: ChartUse, chart: Chart): HiddenList[] {
  const found = hiddenBy(use, chart);
  const by = `${chart.title} (${use.by})`;
  return [
    ...(found
      ? [
          {
            by,
            place: `${found.layer.document.path}:${found.layer.document.lineAt(
              found.keys,
            )}`,
            ...whereOf(use),
            because: `its lists are kept in Secret ${found.secret}, which nobody can read here; entries in the values do not count beside it`,
          },
        ]
      : []),
    ...(chart.lists.length
      ? use.unreadable.map(({ place, because }) => ({
          by,
          place,
          because,
          ...whereOf(use),
        }))
      : []),
  ];
}

/** Objects of a cluster that are a server, or have an operator make one. */
function readObject(
  document: YamlDocument,
): Array<{ installation: Installation; madeElsewhere: MadeElsewhere[] }> {
  const { path, value } = document;
  const name = textAt(value, ['metadata', 'name']);
  const namespace = textAt(value, ['metadata', 'namespace']);
  const kind = String(value.kind);
  const group = String(value.apiVersion).split('/')[0];
  if (!name) {
    return [];
  }
  const where = whereOf({ folder: folderOf(path), namespace });
  const installation = (
    how: Installation['how'],
    software: Installation['software'],
  ): Installation => ({
    software,
    how,
    by: `${kind} ${[namespace, name].filter(Boolean).join('/')}`,
    place: `${path}:${document.lineAt([])}`,
    ...where,
    layout: how === 'rustfs-operator' ? 'operator-tenant' : 'setup-folder',
    setupFolder: setupFolderBeside(folderOf(path), name),
  });
  if (kind === 'Tenant' && group === 'rustfs.com') {
    return [
      {
        installation: installation('rustfs-operator', 'rustfs'),
        madeElsewhere: [],
      },
    ];
  }
  if (kind === 'Tenant' && group === 'minio.min.io') {
    return [
      {
        installation: installation('minio-operator', 'minio'),
        madeElsewhere: recordsAt(value, ['spec', 'buckets']).flatMap(
          (bucket, i): MadeElsewhere[] => {
            const listed = textAt(bucket, ['name']);
            return listed
              ? [
                  {
                    type: 'bucket',
                    name: listed,
                    by: `spec.buckets of MinIO Tenant ${[namespace, name]
                      .filter(Boolean)
                      .join('/')}`,
                    effect:
                      'The MinIO operator makes it again whenever it looks',
                    ...where,
                    lines: [document.linesAt(['spec', 'buckets', i])],
                  },
                ]
              : [];
          },
        ),
      },
    ];
  }
  const software = ['Deployment', 'StatefulSet'].includes(kind)
    ? findImage(valueAt(value, ['spec', 'template', 'spec', 'containers']))
    : undefined;
  return software
    ? [{ installation: installation('manifest', software), madeElsewhere: [] }]
    : [];
}
