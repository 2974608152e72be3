import { buildSchema, graphql } from 'graphql';
import { GitRepository } from '../GitRepository';

/** What of GitLab's schema the portal asks for. */
const SCHEMA = buildSchema(`
type Query { project(fullPath: ID!): Project }
type Project { repository: Repository }
type Repository { blobs(paths: [String!]!, ref: String): RepositoryBlobConnection }
type RepositoryBlobConnection { nodes: [RepositoryBlob] }
type RepositoryBlob { path: String oid: String! rawSize: BigInt rawTextBlob: String }
scalar BigInt
`);

/** Answers a query for files of a repository; one that nobody may see is null. */
export async function answerGraphql(
  body: { query: string; variables: Record<string, unknown> },
  find: (path: string) => GitRepository | undefined,
) {
  return graphql({
    schema: SCHEMA,
    source: body.query,
    variableValues: body.variables,
    rootValue: {
      project: ({ fullPath }: { fullPath: string }) => {
        const git = find(fullPath);
        return git ? { repository: repositoryOf(git) } : null;
      },
    },
  });
}

function repositoryOf(git: GitRepository) {
  return {
    blobs: async ({ paths, ref }: { paths: string[]; ref: string }) => {
      const commit = await git.resolve(ref);
      if (!commit) {
        return { nodes: [] };
      }
      const entries = await git.entries(commit, paths);
      const files = [...entries.values()].filter(
        ({ path, type }) => type === 'blob' && paths.includes(path),
      );
      return {
        nodes: files.map(({ path, sha, size }) => ({
          path,
          oid: sha,
          rawSize: String(size),
          rawTextBlob: async () => {
            const bytes = await git.blob(sha);
            // What is no UTF-8 comes back in another form.
            return bytes.includes(0) ? null : bytes.toString('utf8');
          },
        })),
      };
    },
  };
}
