/** The GraphQL documents that are sent to GitLab: what its other API answers for one file at a time. */

function blobs(name: string, fields: string): string {
  return `query ${name}($project: ID!, $ref: String!, $paths: [String!]!) {
  project(fullPath: $project) {
    repository {
      blobs(ref: $ref, paths: $paths) {
        nodes { ${fields} }
      }
    }
  }
}`;
}

/** The blob ids of files at a commit, and how large they are. */
export const IDS_DOCUMENT = blobs('Ids', 'path oid rawSize');

/** Files with their texts. */
export const TEXTS_DOCUMENT = blobs('Texts', 'path oid rawTextBlob');
