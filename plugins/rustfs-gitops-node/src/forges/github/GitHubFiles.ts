import { ForgeError, RepositoryFile, RepositorySnapshot } from '../../types';
import { explainNoBranch } from '../explain';
import { BlobText, toText } from '../files/BlobCache';
import { blobIdOf } from '../files/blobId';
import { FolderReader, TreeEntry, UnreadFile } from '../files/FolderReader';
import { toBatches } from '../toBatches';
import { fileOf, toVariables } from './aliases';
import { blobsDocument, filesDocument } from './documents';
import { GitHubCall, GitHubClient } from './GitHubClient';
import { isCommit, toRef } from './refs';
import {
  blobsSchema,
  blobSchema,
  filesSchema,
  refSchema,
  treeSchema,
} from './schemas';

/** Aliases in one document: more end in a time limit. */
const FILES_PER_CALL = 50;

/** Reads files of GitHub, each once for as long as it is the same. */
export class GitHubFiles {
  readonly #client: GitHubClient;
  readonly #folders: FolderReader;

  constructor(client: GitHubClient) {
    this.#client = client;
    this.#folders = new FolderReader({
      host: client.host,
      listTree: options => this.#listTree(options),
      readTexts: ({ repository, files }) => this.#readTexts(repository, files),
    });
  }

  /** As `Forge.readFolder`. */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, ref, folder } = options;
    const revision = isCommit(ref) ? ref : await this.#readTip(repository, ref);
    return this.#folders.read({ repository, revision, folder });
  }

  /** As `Forge.readFiles`. */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    const { repository, ref } = options;
    const revision = isCommit(ref) ? ref : toRef(ref);
    const batches = await Promise.all(
      toBatches(options.paths, FILES_PER_CALL).map(async paths => {
        const { repository: found } = await this.#client.query(
          repository,
          {
            document: filesDocument(paths.length),
            variables: { revision, ...toVariables('p', paths) },
          },
          filesSchema,
        );
        if (!found.object) {
          throw this.#client.absence(repository, { path: ['git', ref] });
        }
        const entries = found.object;
        return paths.flatMap((path, index): UnreadFile[] => {
          const id = fileOf(entries, index)?.oid;
          return id ? [{ path, id }] : [];
        });
      }),
    );
    const { files } = await this.#folders.readFiles({
      repository,
      revision,
      files: batches.flat(),
    });
    return files;
  }

  /** The commit of a branch; a branch that is not there is told from a repository that is not. */
  async #readTip(repository: string, branch: string): Promise<string> {
    const call: GitHubCall = {
      path: ['git', 'ref', `heads/${branch}`],
      isKept: true,
    };
    const found = await this.#client.read(repository, call, refSchema);
    if (found) {
      return found.object.sha;
    }
    const about: GitHubCall = { path: [] };
    const answer = await this.#client.repeat(repository, about);
    throw answer.status === 200
      ? explainNoBranch(`${repository} on ${this.#client.host}`, branch)
      : this.#client.refusal(repository, about, answer);
  }

  /** Everything in a commit, or what counts for a folder where that is too much for one answer. */
  async #listTree(options: {
    repository: string;
    revision: string;
    folder: string;
  }): Promise<TreeEntry[]> {
    const { repository, revision, folder } = options;
    const all = await this.#readTree(repository, revision, true);
    if (!all.truncated) {
      return all.tree;
    }
    const entries: TreeEntry[] = [];
    let above = '';
    let id = revision;
    for (const segment of folder.split('/').filter(Boolean)) {
      const { tree } = await this.#readTree(repository, id, false);
      entries.push(
        ...below(
          above,
          tree.filter(({ type }) => type === 'blob'),
        ),
      );
      const next = tree.find(
        ({ path, type }) => path === segment && type === 'tree',
      );
      if (!next) {
        return entries;
      }
      above = [above, segment].filter(Boolean).join('/');
      id = next.sha;
    }
    const { tree, truncated } = await this.#readTree(repository, id, true);
    if (truncated) {
      throw new ForgeError(
        'unsupported',
        `${folder || 'The repository'} of ${repository} on ${
          this.#client.host
        } holds more files than GitHub lists at once; give the Kustomization of the tenant a folder of its own`,
      );
    }
    return [...entries, ...below(above, tree)];
  }

  async #readTree(repository: string, id: string, recursive: boolean) {
    return this.#client.get(
      repository,
      {
        path: ['git', 'trees', id],
        ...(recursive && { query: { recursive: '1' } }),
      },
      treeSchema,
    );
  }

  async #readTexts(
    repository: string,
    files: UnreadFile[],
  ): Promise<Map<string, BlobText>> {
    const ids = [...new Set(files.map(({ id }) => id))];
    const batches = await Promise.all(
      toBatches(ids, FILES_PER_CALL).map(batch =>
        this.#readBatch(repository, batch),
      ),
    );
    const texts = new Map(batches.flat());
    await Promise.all(
      ids
        .filter(id => !texts.has(id))
        .map(async id => texts.set(id, await this.#readBlob(repository, id))),
    );
    return texts;
  }

  /** The texts that came as they are: what was cut, or is no UTF-8, has another blob id. */
  async #readBatch(
    repository: string,
    ids: string[],
  ): Promise<Array<[string, BlobText]>> {
    const { repository: found } = await this.#client.query(
      repository,
      {
        document: blobsDocument(ids.length),
        variables: toVariables('b', ids),
      },
      blobsSchema,
    );
    return Object.values(found).flatMap((blob): Array<[string, BlobText]> => {
      if (blob?.text === undefined || blob.isTruncated || blob.isBinary) {
        return [];
      }
      const bytes = Buffer.from(blob.text, 'utf8');
      return blobIdOf(bytes) === blob.oid ? [[blob.oid, toText(bytes)]] : [];
    });
  }

  async #readBlob(repository: string, id: string): Promise<BlobText> {
    const { content, encoding } = await this.#client.get(
      repository,
      { path: ['git', 'blobs', id] },
      blobSchema,
    );
    return encoding === 'base64'
      ? toText(Buffer.from(content, 'base64'))
      : { unreadable: 'too large for the forge' };
  }
}

function below(folder: string, tree: TreeEntry[]): TreeEntry[] {
  return folder
    ? tree.map(entry => ({ ...entry, path: `${folder}/${entry.path}` }))
    : tree;
}
