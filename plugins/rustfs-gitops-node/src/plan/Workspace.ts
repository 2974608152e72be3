import { posix } from 'node:path';
import { structuredPatch } from 'diff';
import { DeclarationTarget, FileChange, RepositorySnapshot } from '../types';
import { insertIntoList, removeFromList } from '../yaml';
import { describeFile } from './describeFile';
import { Kustomization } from './kustomize/Kustomization';
import {
  nameOf,
  namespaceOf,
  RenderedObject,
  secretNameOf,
} from './kustomize/RenderedObject';
import { renderFolder } from './kustomize/renderFolder';
import { folderOf } from './paths';
import { readValues, refuseYaml } from './readValues';
import { Refused } from './Refused';
import { homeNamespaceOf, RenderedTarget, renderTarget } from './renderTarget';
import { whySealed } from './sops';

/** A new object that has to reach the cluster as it is named. */
interface Expected {
  path: string;
  /** In words that follow "the": `record of this bucket`. */
  what: string;
  kind: string;
  /** Undefined where it is found by its labels, so that any name will do. */
  name?: string;
  namespace: string;
}

/** The files of a change while it is planned: each edit sees what the ones before it have done. */
export class Workspace {
  readonly rendered: RenderedTarget;
  readonly #all: RepositorySnapshot;
  readonly #target: DeclarationTarget;
  /** Contents by path; undefined once a file is taken out. */
  readonly #edited = new Map<string, string | undefined>();
  readonly #expected: Expected[] = [];

  /** @param holds - whether a text may hold objects of the layout, beside what the portal has written */
  constructor(
    all: RepositorySnapshot,
    target: DeclarationTarget,
    holds?: (text: string) => boolean,
  ) {
    this.#all = all;
    this.#target = target;
    this.rendered = renderTarget(all, target, holds);
  }

  text(path: string): string {
    return this.#edited.get(path) ?? this.rendered.snapshot.files[path].content;
  }

  /** An object as it is applied, by what it is called in the cluster. */
  find(
    kind: string,
    name: string,
    namespace: string,
  ): RenderedObject | undefined {
    return this.rendered.objects.find(
      object =>
        object.kind === kind &&
        nameOf(object) === name &&
        (namespaceOf(object) ?? homeNamespaceOf(this.#target)) === namespace,
    );
  }

  /** What makes a Secret of that name in the cluster: it, or an object that a controller makes it of. */
  findSecret(name: string, namespace: string): RenderedObject | undefined {
    return this.rendered.objects.find(
      object =>
        secretNameOf(object) === name &&
        (namespaceOf(object) ?? homeNamespaceOf(this.#target)) === namespace,
    );
  }

  /** Whether a file is there, in the repository or by this change. */
  has(path: string): boolean {
    return this.#edited.has(path)
      ? this.#edited.get(path) !== undefined
      : Boolean(this.#all.files[path] || this.#all.skipped?.[path]);
  }

  /**
   * Splices a file.
   *
   * @param options.wayOut - what to do when only SOPS may change the file: `give the Tenant`
   * @throws Refused
   */
  edit(
    path: string,
    options: { line: number; wayOut: string },
    splice: (text: string) => string,
  ): void {
    checkSeal(this.rendered.snapshot, path, options);
    const before = this.text(path);
    let after: string;
    try {
      after = splice(before);
    } catch (error) {
      throw refuseYaml(path, error);
    }
    if (after !== before) {
      this.#refuseRendered(path, diffOf(before, after));
    }
    this.#edited.set(path, after);
  }

  /**
   * Adds a file with one object, and its place in the kustomization above it.
   *
   * @throws Refused
   */
  create(
    path: string,
    content: string,
    options: Omit<Expected, 'path'> & { field?: string },
  ): void {
    const { field, ...object } = options;
    const { what } = object;
    if (this.has(path)) {
      throw new Refused(
        'declared-otherwise',
        `${path} is there already and is not applied as the ${what}; move it away in Git`,
        { field, places: [path] },
      );
    }
    this.#refuseRendered(path, '');
    if (this.rendered.isLeftOut(path)) {
      throw new Refused(
        'unsupported',
        `${path}, where the ${what} belongs, is left out by .sourceignore or by the source of the engine; let it in`,
        { places: [path] },
      );
    }
    this.#edited.set(path, content);
    this.#expected.push({ path, ...object });
    const kustomization = this.kustomizationOf(path);
    if (kustomization) {
      this.#addResource(kustomization, path);
    }
  }

  /** Puts other content into a file that holds one object alone, encrypted or not. */
  replace(path: string, content: string, what: string): void {
    this.#requireAlone(path, what);
    this.#refuseRendered(path, '');
    this.#edited.set(path, content);
  }

  /** Takes out a file and its place in the kustomization. A file that holds more than the one object is refused. */
  remove(path: string, what: string): void {
    this.#requireAlone(path, what);
    this.#refuseRendered(path, '');
    this.#edited.set(path, undefined);
    for (const kustomization of this.rendered.kustomizations.values()) {
      const { folder, value } = kustomization;
      const isListed = (entry: unknown) =>
        typeof entry === 'string' && posix.join(folder, entry) === path;
      if (value.resources?.some(isListed)) {
        this.#editKustomization(kustomization, text =>
          removeFromList({
            text,
            document: 0,
            path: ['resources'],
            where: isListed,
          }),
        );
      }
    }
  }

  /**
   * What the new objects would become in the cluster, by the path of their file: none where something leaves a file out,
   * several where it is applied more than once.
   */
  renderCreated(): Map<string, RenderedObject[]> {
    const files = { ...this.rendered.snapshot.files };
    for (const [path, content] of this.#edited) {
      if (content === undefined) {
        delete files[path];
      } else {
        files[path] = { content, id: path };
      }
    }
    const contents = new Set(
      this.#expected.map(({ path }) => files[path].content),
    );
    const { objects } = renderFolder(
      { ...this.rendered.snapshot, files },
      {
        folder: this.rendered.folder,
        build: this.#target.build,
        isOfInterest: text => contents.has(text),
      },
    );
    return new Map(
      this.#expected.map(({ path }) => [
        path,
        objects.filter(object => object.path === path),
      ]),
    );
  }

  /**
   * The files that change, once it is proved that every new object reaches the cluster under its name and in its
   * namespace.
   *
   * @throws Refused
   */
  toFiles(): FileChange[] {
    this.#proveExpected();
    return [...this.#edited]
      .map(([path, after]) =>
        describeFile({ path, before: this.#all.files[path], after }),
      )
      .filter(({ before, after }) => before?.content !== after)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The kustomization that has to list a file: the nearest above it. None where the engine takes every file. */
  kustomizationOf(path: string): Kustomization | undefined {
    const { kustomizations, folder: root } = this.rendered;
    let folder = folderOf(path);
    // A base may lie outside; what is above the entry point has no say.
    while (!kustomizations.has(folder) && folder !== root && folder !== '') {
      folder = folderOf(folder);
    }
    return kustomizations.get(folder);
  }

  /** What is rendered from a template would be undone by the next rendering. */
  #refuseRendered(path: string, lines: string): void {
    const template = this.#target.rendered?.[path];
    if (template !== undefined) {
      throw new Refused(
        'rendered',
        `${path} is rendered from ${template}, and the next rendering would undo what is changed in it. ${
          lines
            ? `Put this into ${template}, render, and ask again:\n${lines}`
            : `Change ${template} instead`
        }`,
        { places: [path, template] },
      );
    }
  }

  #requireAlone(path: string, what: string): void {
    const documents = readValues(this.rendered.snapshot, path).filter(
      value => value !== null && value !== undefined,
    );
    if (documents.length > 1) {
      throw new Refused(
        'unsupported',
        `${path} holds more than the ${what}; give it a file of its own`,
        { places: [path] },
      );
    }
  }

  #proveExpected(): void {
    if (this.#expected.length === 0) {
      return;
    }
    const rendered = this.renderCreated();
    for (const expected of this.#expected) {
      const found = rendered.get(expected.path) ?? [];
      const [by] = found.flatMap(({ demands, doubts }) => [
        ...demands,
        ...doubts.map(doubt => doubt.by),
      ]);
      if (found.length !== 1 || by !== undefined) {
        throw refuseUncertain(expected, { by, times: found.length });
      }
      const [object] = found;
      const isAsNamed =
        (expected.name ?? nameOf(object)) === nameOf(object) &&
        (namespaceOf(object) ?? homeNamespaceOf(this.#target)) ===
          expected.namespace;
      if (!isAsNamed) {
        throw refuseMoved(expected, object);
      }
    }
  }

  #addResource(kustomization: Kustomization, file: string): void {
    const plainOf = (item: unknown) =>
      typeof item === 'string' ? item.replace(/^(\.\/)+/, '') : undefined;
    const { folder, value } = kustomization;
    const resources = value.resources ?? [];
    const dotted =
      resources.length > 0 && resources.every(item => item.startsWith('./'));
    const relative = posix.relative(folder || '.', file);
    this.#editKustomization(kustomization, text =>
      insertIntoList({
        text,
        document: 0,
        path: ['resources'],
        entry: dotted ? `./${relative}` : relative,
        keyOf: plainOf,
      }),
    );
  }

  #editKustomization(
    { path, unknown }: Kustomization,
    splice: (text: string) => string,
  ): void {
    if (unknown.length) {
      throw new Refused(
        'unsupported',
        `${path}:1 has fields that the portal does not know (${unknown.join(
          ', ',
        )}), so it is not edited; write the fields of kustomize as its documentation does`,
        { places: [`${path}:1`] },
      );
    }
    this.edit(path, { line: 1, wayOut: 'give what is encrypted' }, splice);
  }
}

/** The lines that differ, with those around them. */
function diffOf(before: string, after: string): string {
  return structuredPatch('', '', before, after, '', '', { context: 2 })
    .hunks.flatMap(({ lines }) => lines)
    .join('\n');
}

/** @throws Refused when the file is one that only SOPS may change */
function checkSeal(
  snapshot: RepositorySnapshot,
  path: string,
  { line, wayOut }: { line: number; wayOut: string },
): void {
  const why = whySealed(readValues(snapshot, path));
  if (why) {
    const place = `${path}:${line}`;
    throw new Refused(
      'unsupported',
      `${place} ${why}; ${wayOut} a file of its own, without SOPS`,
      { places: [place] },
    );
  }
}

/** A patch that is for all objects of a kind may fail on the new one, which would keep everything else from the cluster too. */
function refuseUncertain(
  { path, what }: Expected,
  { by, times }: { by?: string; times: number },
): Refused {
  return new Refused(
    'unsupported',
    by === undefined
      ? `${path}, the ${what}, would be applied ${times} times by the kustomizations above it; keep records where they are applied once`
      : `${by} would patch ${path} too, the ${what}, in a way that may fail; narrow its target`,
    { places: [by ?? path] },
  );
}

function refuseMoved(expected: Expected, found: RenderedObject): Refused {
  const written = [expected.namespace, expected.name].filter(Boolean).join('/');
  return new Refused(
    'unsupported',
    `${expected.kind} ${written} cannot be declared in ${
      expected.path
    }: it would be called ${[namespaceOf(found), nameOf(found)]
      .filter(Boolean)
      .join(
        '/',
      )} in the cluster. Give it a folder whose kustomization changes neither names nor namespaces`,
    { places: [expected.path] },
  );
}
