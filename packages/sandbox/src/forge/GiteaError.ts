/** A refusal as it goes over the wire: Gitea answers with `{message, url}`, or with an empty body. */
export class GiteaError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly options: { emptyBody?: boolean } = {},
  ) {
    super(message);
    this.name = 'GiteaError';
  }

  static notFound(message = 'not found'): GiteaError {
    return new GiteaError(404, message);
  }

  /** Some refusals have neither text nor content type. */
  static silentlyForbidden(): GiteaError {
    return new GiteaError(403, '', { emptyBody: true });
  }
}
