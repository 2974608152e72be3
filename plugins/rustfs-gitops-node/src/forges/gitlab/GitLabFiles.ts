import { ForgeError, RepositoryFile, RepositorySnapshot } from '../../types';
import { explainNoBranch } from '../explain';
import { BlobText, toText } from '../files/BlobCache';
import { blobIdOf } from '../files/blobId';
import {
  FolderReader,
  MAX_FILE_BYTES,
  TreeEntry,
  UnreadFile,
} from '../files/FolderReader';
import { toBatches } from '../toBatches';
import { IDS_DOCUMENT, TEXTS_DOCUMENT } from './documents';
import { GitLabCall, GitLabClient } from './GitLabClient';
import {
  blobsSchema,
  blobSchema,
  branchSchema,
  commitSchema,
  treeSchema,
} from './schemas';

/** GitLab's own pages of a repository ask for as many at once. */
const FILES_PER_CALL = 100;
/** With their texts: more end in a limit for what one query may cost. */
const TEXTS_PER_CALL = 50;
/** Of 100 entries each. */
const MAX_PAGES = 200;

/** Reads files of GitLab, each once for as long as it is the same. */
export class GitLabFiles {
  readonly #client: GitLabClient;
  readonly #folders: FolderReader;

  constructor(client: GitLabClient) {
    this.#client = client;
    this.#folders = new FolderReader({
      host: client.host,
      listTree: options => this.#listTree(options),
      readSizes: options => this.#readSizes(options),
      readTexts: options => this.#readTexts(options),
    });
  }

  /** As `Forge.readFolder`. */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, ref, folder } = options;
    const revision = await this.#resolve(repository, ref);
    return this.#folders.read({ repository, revision, folder });
  }

  /** As `Forge.readFiles`. */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    const { repository, ref, paths } = options;
    const revision = await this.#resolve(repository, ref);
    const found = await this.#find({ repository, revision, paths });
    if (!found.length && paths.length && revision === ref) {
      await this.#requireCommit(repository, revision);
    }
    const { files } = await this.#folders.readFiles({
      repository,
      revision,
      files: found
        .filter(({ rawSize = 0 }) => rawSize <= MAX_FILE_BYTES)
        .map(({ oid: id, path }) => ({ path, id })),
    });
    return files;
  }

  /** The blob ids of the files that there are of some, by path. */
  async readIds(options: {
    repository: string;
    /** A commit. */
    revision: string;
    paths: string[];
  }): Promise<Map<string, string>> {
    const found = await this.#find(options);
    return new Map(found.map(({ path, oid }) => [path, oid]));
  }

  async #readSizes(options: {
    repository: string;
    revision: string;
    files: UnreadFile[];
  }): Promise<Map<string, number>> {
    const { files, ...place } = options;
    const paths = files.map(({ path }) => path);
    const found = await this.#find({ ...place, paths });
    return new Map(found.map(({ oid, rawSize = 0 }) => [oid, rawSize]));
  }

  /** The files that there are of some, without their texts. */
  async #find(options: {
    repository: string;
    revision: string;
    paths: string[];
  }) {
    const { repository, revision, paths } = options;
    const batches = await Promise.all(
      toBatches(paths, FILES_PER_CALL).map(batch =>
        this.#readBlobs(repository, {
          document: IDS_DOCUMENT,
          revision,
          paths: batch,
        }),
      ),
    );
    return batches.flat();
  }

  /** The commit of a branch; a branch that is not there is told from a project that is not. */
  async #resolve(repository: string, ref: string): Promise<string> {
    if (/^[0-9a-f]{40}$/.test(ref)) {
      return ref;
    }
    const found = await this.#client.read(
      repository,
      { path: ['repository', 'branches', ref] },
      branchSchema,
    );
    if (!found) {
      await this.#client.checkProject(repository);
      throw explainNoBranch(this.#client.placeOf(repository), ref);
    }
    return found.commit.id;
  }

  async #readBlobs(
    repository: string,
    options: { document: string; revision: string; paths: string[] },
  ) {
    const { document, paths, revision } = options;
    const { project } = await this.#client.query(
      repository,
      { document, variables: { ref: revision, paths } },
      blobsSchema,
    );
    if (!project?.repository) {
      // Here a project that was renamed is not there either; the other API says so. One whose code may not be read has none.
      await this.#client.checkProject(repository);
      throw this.#client.refusal(
        repository,
        { path: project ? ['repository'] : [] },
        { status: project ? 403 : 404, message: '' },
      );
    }
    return project.repository.blobs?.nodes ?? [];
  }

  /** What lies in a folder, and what says of it from above what is left out. */
  async #listTree(options: {
    repository: string;
    revision: string;
    folder: string;
  }): Promise<TreeEntry[]> {
    const { repository, revision, folder } = options;
    const parts = folder.split('/').filter(Boolean);
    const above = parts.map((_, index) =>
      [...parts.slice(0, index), '.sourceignore'].join('/'),
    );
    const [tree, ids] = await Promise.all([
      this.#readTree(repository, { revision, folder: parts.join('/') }),
      above.length
        ? this.readIds({ repository, revision, paths: above })
        : new Map<string, string>(),
    ]);
    return [
      ...tree,
      ...[...ids].map(([path, sha]) => ({
        path,
        sha,
        mode: '100644',
        type: 'blob',
      })),
    ];
  }

  async #readTree(
    repository: string,
    { folder, revision }: { folder: string; revision: string },
  ): Promise<TreeEntry[]> {
    const entries: TreeEntry[] = [];
    let next: string | undefined;
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const call: GitLabCall = {
        path: ['repository', 'tree'],
        query: {
          ref: revision,
          ...(folder && { path: folder }),
          recursive: 'true',
          per_page: '100',
          pagination: 'keyset',
          ...(next && { page_token: next }),
        },
      };
      const answer = await this.#client.repeat(repository, call);
      if (answer.status === 404) {
        await this.#requireCommit(repository, revision);
        return [];
      }
      const tree = this.#client.parse(repository, call, {
        answer,
        schema: treeSchema,
        expected: 200,
      });
      entries.push(...tree.map(({ id: sha, ...entry }) => ({ ...entry, sha })));
      next = nextOf(answer.headers.get('link'));
      if (!next) {
        return entries;
      }
    }
    throw new ForgeError(
      'unsupported',
      `${folder || 'The repository'} of ${this.#client.placeOf(
        repository,
      )} holds more files than the portal lists; give the Kustomization of the tenant a folder of its own`,
    );
  }

  /** A folder that is not there has no files; a commit that is not there is another matter. */
  async #requireCommit(repository: string, revision: string): Promise<void> {
    await this.#client.get(
      repository,
      { path: ['repository', 'commits', revision] },
      commitSchema,
    );
  }

  async #readTexts(options: {
    repository: string;
    revision: string;
    files: UnreadFile[];
  }): Promise<Map<string, BlobText>> {
    const { files, repository, revision } = options;
    const pathOf = new Map(files.map(({ id, path }) => [id, path]));
    const batches = await Promise.all(
      toBatches([...pathOf.values()], TEXTS_PER_CALL).map(paths =>
        this.#readBlobs(repository, {
          document: TEXTS_DOCUMENT,
          revision,
          paths,
        }),
      ),
    );
    const texts = new Map<string, BlobText>();
    for (const { oid, rawTextBlob } of batches.flat()) {
      const bytes = Buffer.from(rawTextBlob ?? '', 'utf8');
      if (rawTextBlob !== undefined && blobIdOf(bytes) === oid) {
        texts.set(oid, toText(bytes));
      }
    }
    // What is no UTF-8, or did not come as it is, has another blob id.
    await Promise.all(
      [...pathOf.keys()]
        .filter(id => !texts.has(id))
        .map(async id => texts.set(id, await this.#readBlob(repository, id))),
    );
    return texts;
  }

  async #readBlob(repository: string, id: string): Promise<BlobText> {
    const { content, encoding } = await this.#client.get(
      repository,
      { path: ['repository', 'blobs', id] },
      blobSchema,
    );
    return encoding === 'base64'
      ? toText(Buffer.from(content, 'base64'))
      : { unreadable: 'not given by the forge' };
  }
}

/** What the address of the next page says of it: the address itself may be one that the portal does not know. */
function nextOf(link: string | null): string | undefined {
  const next = /<([^>]*)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next && URL.canParse(next)
    ? new URL(next).searchParams.get('page_token') ?? undefined
    : undefined;
}
