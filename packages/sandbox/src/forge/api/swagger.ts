/**
 * As much of Gitea's API description as clients look at to find out what a server can do: the
 * addresses and the fields of the calls that came with later versions.
 */
export function swagger(version: string) {
  const fields = (...names: string[]) => ({
    type: 'object',
    properties: Object.fromEntries(names.map(name => [name, {}])),
  });
  const parameters = (...names: string[]) =>
    names.map(name => ({ name, in: 'query', type: 'string' }));
  return {
    swagger: '2.0',
    info: {
      title: 'Gitea API',
      description: 'This documentation describes the Gitea API.',
      version,
    },
    basePath: '/api/v1',
    paths: {
      '/repos/{owner}/{repo}/contents': { get: {}, post: {} },
      '/repos/{owner}/{repo}/file-contents': { get: {}, post: {} },
      '/repos/{owner}/{repo}/branches/{branch}': {
        get: {},
        put: {},
        patch: {},
        delete: {},
      },
      '/repos/{owner}/{repo}/pulls': {
        get: {
          parameters: parameters(
            'owner',
            'repo',
            'base_branch',
            'state',
            'sort',
            'milestone',
            'labels',
            'poster',
            'page',
            'limit',
          ),
        },
        post: {},
      },
    },
    definitions: {
      ChangeFilesOptions: fields(
        'author',
        'branch',
        'committer',
        'dates',
        'files',
        'force_push',
        'message',
        'new_branch',
        'signoff',
      ),
      ChangeFileOperation: fields(
        'content',
        'from_path',
        'operation',
        'path',
        'sha',
      ),
      CreatePullRequestOption: fields(
        'assignee',
        'assignees',
        'base',
        'body',
        'head',
        'labels',
        'milestone',
        'reviewers',
        'team_reviewers',
        'title',
      ),
      EditPullRequestOption: fields(
        'assignees',
        'base',
        'body',
        'content_version',
        'labels',
        'state',
        'title',
      ),
      UpdateBranchRepoOption: fields('force', 'new_commit_id', 'old_commit_id'),
    },
  };
}
