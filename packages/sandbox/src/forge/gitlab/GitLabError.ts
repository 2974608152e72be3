/** A refusal as GitLab words it. */
export class GitLabError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
    this.name = 'GitLabError';
  }

  static notFound(what = 'Project'): GitLabError {
    return new GitLabError(404, `404 ${what} Not Found`);
  }
}
