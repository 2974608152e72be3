import { isBelow } from '../../plan/paths';
import { isTemplate } from '../../recognize/rendered';
import { ForgeError, RepositoryFile, RepositorySnapshot } from '../../types';
import { BlobCache, BlobText } from './BlobCache';

/** What stands at a path in a commit. */
export interface TreeEntry {
  path: string;
  /** Of Git: `100644`, `100755`, `120000` a symbolic link. */
  mode: string;
  /** Of Git: `blob`, `tree`, `commit`. */
  type: string;
  /** In bytes, of a blob. */
  size?: number;
  /** Blob id. */
  sha: string;
}

/** A file whose blob id is known and whose text is not. */
export interface UnreadFile {
  path: string;
  id: string;
}

/** A forge, as far as reading a folder needs one. */
export interface FolderSource {
  /** For messages. */
  host: string;
  /** Everything in a commit that can count for a folder; more is no harm. */
  listTree(options: {
    repository: string;
    revision: string;
    folder: string;
  }): Promise<TreeEntry[]>;
  /** The sizes of files at a commit in bytes, by blob id, where a tree has none. */
  readSizes?(options: {
    repository: string;
    revision: string;
    files: UnreadFile[];
  }): Promise<Map<string, number>>;
  /** The texts of files at a commit, by blob id. */
  readTexts(options: {
    repository: string;
    revision: string;
    files: UnreadFile[];
  }): Promise<Map<string, BlobText>>;
}

const MAX_FILES = 3000;
/** A larger file is not read. */
export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FOLDER_BYTES = 24 * 1024 * 1024;
const CACHED_FOLDERS = 8;

/** Reads the YAML of folders, each file once for as long as it is the same. */
export class FolderReader {
  readonly blobs = new BlobCache();
  readonly #source: FolderSource;
  /** By repository, commit and folder: such a snapshot never changes. */
  readonly #folders = new Map<string, RepositorySnapshot>();

  constructor(source: FolderSource) {
    this.#source = source;
  }

  async read(options: {
    repository: string;
    revision: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, revision } = options;
    const folder = options.folder.replace(/^(\.?\/)+|^\.$|\/+$/g, '');
    const key = [repository, revision, folder].join('\n');
    const cached = this.#folders.get(key);
    if (cached) {
      return cached;
    }
    const place = { repository, revision, folder };
    const tree = await this.#withSizes(
      await this.#source.listTree(place),
      place,
    );
    const {
      files: wanted,
      skipped,
      templates,
    } = this.#select(tree, {
      repository,
      folder,
    });
    const found = await this.readFiles({ repository, revision, files: wanted });
    const snapshot = {
      revision,
      files: found.files,
      skipped: { ...skipped, ...found.skipped },
      ...(templates.length && { templates }),
      ...(!folder && { whole: true }),
    };
    this.#folders.set(key, snapshot);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > CACHED_FOLDERS) {
      this.#folders.delete(oldest);
    }
    return snapshot;
  }

  /** Files by path, and why others cannot be read. */
  async readFiles(options: {
    repository: string;
    revision: string;
    files: UnreadFile[];
  }): Promise<{
    files: Record<string, RepositoryFile>;
    skipped: Record<string, string>;
  }> {
    const { repository, revision } = options;
    const missing = options.files.filter(({ id }) => !this.blobs.get(id));
    // What does not stay in the cache, as it is full, is in the answer.
    const read = missing.length
      ? await this.#source.readTexts({ repository, revision, files: missing })
      : new Map<string, BlobText>();
    read.forEach((blob, id) => this.blobs.set(id, blob));
    const files: Record<string, RepositoryFile> = {};
    const skipped: Record<string, string> = {};
    for (const { path, id } of options.files) {
      const blob = read.get(id) ?? this.blobs.get(id);
      if (blob && 'content' in blob) {
        files[path] = { content: blob.content, id };
      } else {
        skipped[path] = blob?.unreadable ?? 'not given by the forge';
      }
    }
    return { files, skipped };
  }

  /** Adds the sizes that a forge tells only when it is asked, so that nothing is read that is too large. */
  async #withSizes(
    tree: TreeEntry[],
    place: { repository: string; revision: string; folder: string },
  ): Promise<TreeEntry[]> {
    const { folder, repository, revision } = place;
    const wanted = tree.filter(
      entry => isFile(entry) && countsFor(folder, entry.path),
    );
    if (!this.#source.readSizes || wanted.length > MAX_FILES) {
      return tree;
    }
    const files = wanted.flatMap(({ path, sha: id }) =>
      this.blobs.get(id) ? [] : [{ path, id }],
    );
    const sizes = files.length
      ? await this.#source.readSizes({ repository, revision, files })
      : new Map<string, number>();
    return tree.map(entry => ({
      ...entry,
      size: sizes.get(entry.sha) ?? lengthOf(this.blobs.get(entry.sha)),
    }));
  }

  #select(
    tree: TreeEntry[],
    { repository, folder }: { repository: string; folder: string },
  ) {
    const files: UnreadFile[] = [];
    const templates: string[] = [];
    const skipped: Record<string, string> = {};
    let bytes = 0;
    for (const { path, size = 0, sha } of tree.filter(isFile)) {
      if (isTemplate(path) && isBelow(path, folder)) {
        templates.push(path);
      }
      if (!countsFor(folder, path)) {
        continue;
      }
      if (size > MAX_FILE_BYTES) {
        skipped[path] = 'over 1 MiB';
      } else {
        files.push({ path, id: sha });
        bytes += size;
      }
    }
    if (files.length > MAX_FILES || bytes > MAX_FOLDER_BYTES) {
      throw new ForgeError(
        'unsupported',
        `${folder || 'The repository'} of ${repository} on ${
          this.#source.host
        } holds more YAML than the portal reads (${
          files.length
        } files of at most ${MAX_FILES}, ${Math.ceil(
          bytes / 2 ** 20,
        )} of at most 24 MiB); give the Kustomization of the tenant a folder of its own`,
      );
    }
    return { files, skipped, templates };
  }
}

function isFile({ mode, type }: TreeEntry): boolean {
  return type === 'blob' && mode !== '120000';
}

/** Of what was read before; near enough for a limit. */
function lengthOf(blob: BlobText | undefined): number {
  return blob && 'content' in blob ? blob.content.length : 0;
}

/** Whether a file is YAML below a folder, or says what of the folder is left out on the way to a cluster. */
function countsFor(folder: string, path: string): boolean {
  const isWithin = (inner: string, outer: string) =>
    inner === outer || isBelow(inner, outer);
  const [, above = '', name] = /^(?:(.*)\/)?([^/]*)$/.exec(path)!;
  if (name === '.sourceignore') {
    return isWithin(above, folder) || isWithin(folder, above);
  }
  return (
    isWithin(above, folder) &&
    (/\.ya?ml$/.test(name) || name === 'Kustomization')
  );
}
