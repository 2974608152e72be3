/** A refusal as GitHub words it. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly options: {
      headers?: Record<string, string>;
      errors?: object[];
    } = {},
  ) {
    super(message);
    this.name = 'GitHubError';
  }
}
