import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toError } from '@backstage/errors';
import git, { Errors } from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { z } from 'zod';

/** Where a branch is fetched from. */
export interface GitSource {
  url: string;
  branch: string;
  /** Whether it was fetched before: source-controller then asks for the head first, and says so when that fails. */
  isKnown: boolean;
  credentials?: { username: string; password: string };
}

/** The files of one commit, as source-controller stores them. */
export interface Artifact {
  /** `main@sha1:<commit>`. */
  revision: string;
  commit: string;
  digest: string;
  size: number;
  files: Map<string, string>;
}

/** A fetch that failed, in the words of source-controller. */
export class FetchError extends Error {
  constructor(
    readonly reason: 'GitOperationFailed' | 'AuthenticationFailed',
    message: string,
  ) {
    super(message);
    this.name = 'FetchError';
  }
}

/**
 * The commit that a branch points to, asked of the remote without fetching anything.
 *
 * @throws FetchError
 */
export async function headOf(source: GitSource): Promise<string> {
  try {
    const refs = await git.listServerRefs({
      http,
      url: source.url,
      prefix: `refs/heads/${source.branch}`,
      headers: headersOf(source),
      protocolVersion: 1,
    });
    const ref = refs.find(r => r.ref === `refs/heads/${source.branch}`);
    if (ref) {
      return ref.oid;
    }
  } catch (error) {
    throw toFetchError(source, error);
  }
  throw new FetchError(
    'GitOperationFailed',
    `failed to checkout and determine revision: unable to clone '${source.url}': couldn't find remote ref "refs/heads/${source.branch}"`,
  );
}

/**
 * Fetches the head of a branch.
 *
 * @throws FetchError
 */
export async function fetchArtifact(source: GitSource): Promise<Artifact> {
  const dir = await mkdtemp(join(tmpdir(), 'sandbox-source-'));
  try {
    await git.init({ fs, dir, defaultBranch: source.branch });
    await git.addRemote({ fs, dir, remote: 'origin', url: source.url });
    const { fetchHead } = await git.fetch({
      fs,
      http,
      dir,
      remote: 'origin',
      ref: source.branch,
      singleBranch: true,
      depth: 1,
      tags: false,
      headers: headersOf(source),
    });
    if (!fetchHead) {
      throw new Error('the remote sent no commit');
    }
    return toArtifact(
      source.branch,
      fetchHead,
      await readFiles(dir, fetchHead),
    );
  } catch (error) {
    throw toFetchError(source, error);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function readFiles(
  dir: string,
  commit: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  await git.walk({
    fs,
    dir,
    trees: [git.TREE({ ref: commit })],
    map: async (path, [entry]) => {
      if (entry && (await entry.type()) === 'blob') {
        const content = await entry.content();
        files.set(path, Buffer.from(content ?? []).toString('utf8'));
      }
    },
  });
  return files;
}

function toArtifact(
  branch: string,
  commit: string,
  files: Map<string, string>,
): Artifact {
  const hash = createHash('sha256');
  let size = 0;
  for (const [path, content] of [...files].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    hash.update(`${path}\0${content}\0`);
    size += content.length;
  }
  return {
    revision: `${branch}@sha1:${commit}`,
    commit,
    digest: `sha256:${hash.digest('hex')}`,
    size,
    files,
  };
}

function headersOf({ credentials }: GitSource): Record<string, string> {
  // Sent at once: waiting to be asked would double the number of requests.
  return credentials
    ? {
        Authorization: `Basic ${Buffer.from(
          `${credentials.username}:${credentials.password}`,
        ).toString('base64')}`,
      }
    : {};
}

function toFetchError(source: GitSource, error: unknown): FetchError {
  if (error instanceof FetchError) {
    return error;
  }
  const failed = 'failed to checkout and determine revision:';
  const unable = `${failed} unable to ${
    source.isKnown ? 'list remote for' : 'clone'
  } '${source.url}':`;
  if (error instanceof Errors.HttpError) {
    switch (error.data.statusCode) {
      case 401:
      case 403:
        return new FetchError(
          'GitOperationFailed',
          `${unable} authentication required: ${error.data.response}`,
        );
      case 404:
        return new FetchError(
          'GitOperationFailed',
          `${unable} repository not found: ${error.data.response}`,
        );
      default:
        return new FetchError(
          'GitOperationFailed',
          `${unable} unexpected http status: ${error.data.statusCode}`,
        );
    }
  }
  const { host } = new URL(source.url);
  return new FetchError(
    'GitOperationFailed',
    isRefused(error)
      ? `${unable} Get "${source.url}/info/refs?service=git-upload-pack": dial tcp ${host}: connect: connection refused`
      : `${failed} unable to clone '${source.url}': ${toError(error).message}`,
  );
}

function isRefused(error: unknown): boolean {
  const { code } = z
    .object({ code: z.string() })
    .catch({ code: '' })
    .parse(error);
  return code === 'ECONNREFUSED' || code === 'ECONNRESET';
}
