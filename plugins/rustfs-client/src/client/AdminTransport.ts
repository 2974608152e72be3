import { z } from 'zod';
import { SignedFetch, SignedRequest } from './SignedFetch';
import { answerError, unreadableError } from './translateError';

/** One call outside of S3. */
export interface AdminCall<T>
  extends Pick<
    SignedRequest,
    'operation' | 'method' | 'path' | 'query' | 'anonymous'
  > {
  body?: unknown;
  /** What the answer is; without it the content is not read. */
  answer?: z.ZodType<T>;
  /** Statuses beside 2xx whose content is an answer and not an error. */
  alsoAnswers?: number[];
}

/** Calls of the admin interface: JSON in, JSON out, errors in XML. */
export class AdminTransport {
  readonly #signedFetch: SignedFetch;

  constructor(signedFetch: SignedFetch) {
    this.#signedFetch = signedFetch;
  }

  async call<T>(call: AdminCall<T>): Promise<T> {
    const { operation, method, path, query, anonymous } = call;
    const body =
      call.body === undefined ? undefined : JSON.stringify(call.body);
    const answer = await this.#signedFetch.send({
      operation,
      method,
      path,
      query,
      anonymous,
      body,
      headers: body ? { 'content-type': 'application/json' } : {},
    });
    const { status, text } = answer;
    const isAnswer =
      (status >= 200 && status < 300) || call.alsoAnswers?.includes(status);
    if (!isAnswer) {
      throw answerError(this.#signedFetch, operation, answer);
    }
    return this.#parse(call, text);
  }

  #parse<T>(call: AdminCall<T>, text: string): T {
    if (!call.answer) {
      return undefined as T;
    }
    // The Content-Type says nothing: some JSON comes without one, and some empty answers have one.
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      throw unreadableError(this.#signedFetch, call.operation, 'not JSON');
    }
    const parsed = call.answer.safeParse(content);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      throw unreadableError(
        this.#signedFetch,
        call.operation,
        `${path.map(String).join('.')}: ${message}`,
      );
    }
    return parsed.data;
  }
}
