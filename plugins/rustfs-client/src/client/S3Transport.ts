import { createHash } from 'node:crypto';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { Answer, SignedFetch, SignedRequest } from './SignedFetch';
import { answerError, Operation, unreadableError } from './translateError';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** One call of S3 about a bucket. */
export interface S3Call<T> {
  operation: Operation;
  method: SignedRequest['method'];
  /** Empty: the server as a whole. */
  bucket: string;
  /** What of the bucket is meant: `versioning`, `lifecycle`. */
  subresource?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as an XML document with this element. */
  document?: { element: string; content: Record<string, unknown> };
  /** The element that comes back and what stands in it, every value as text; without it the content is not read. */
  answer?: { element: string; content: z.ZodType<T> };
}

/**
 * Calls of S3: XML in, XML out, path style. The portal makes a handful of them, so it signs and reads them itself: the
 * SDK of AWS is a hundred megabytes, and keeps connections, proxies and certificates in its own way.
 */
export class S3Transport {
  readonly #signedFetch: SignedFetch;
  readonly #parser = new XMLParser({ parseTagValue: false });
  readonly #builder = new XMLBuilder({ ignoreAttributes: false });

  constructor(signedFetch: SignedFetch) {
    this.#signedFetch = signedFetch;
  }

  async call<T>(call: S3Call<T>): Promise<T> {
    const { operation, method, bucket, subresource, query } = call;
    const document = call.document && this.#render(call.document);
    const answer = await this.#signedFetch.send({
      operation,
      method,
      path: `/${encodeURIComponent(bucket)}`,
      query: { ...(subresource && { [subresource]: '' }), ...query },
      headers: {
        ...call.headers,
        ...(document && {
          'content-type': 'application/xml',
          // S3 asks for it with most documents about a bucket, and so does MinIO; RustFS does not.
          'content-md5': createHash('md5').update(document).digest('base64'),
        }),
      },
      body: document,
    });
    if (answer.status < 200 || answer.status >= 300) {
      throw answerError(this.#signedFetch, operation, answer);
    }
    return this.#parse(call, answer);
  }

  #render({ element, content }: NonNullable<S3Call<unknown>['document']>) {
    return this.#builder.build({
      [element]: { '@_xmlns': NAMESPACE, ...content },
    });
  }

  #parse<T>({ operation, answer }: S3Call<T>, { headers, text }: Answer): T {
    if (!answer) {
      // No call answers with a page; a sign-in page before the server would be taken for success.
      if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
        throw unreadableError(this.#signedFetch, operation, 'a web page');
      }
      return undefined as T;
    }
    const found = this.#find(text, answer.element);
    if (found === undefined) {
      throw unreadableError(
        this.#signedFetch,
        operation,
        `no ${answer.element} in it`,
      );
    }
    // An element without content is read as empty text.
    const parsed = answer.content.safeParse(found === '' ? {} : found);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      throw unreadableError(
        this.#signedFetch,
        operation,
        `${[answer.element, ...path].map(String).join('.')}: ${message}`,
      );
    }
    return parsed.data;
  }

  #find(text: string, element: string): unknown {
    try {
      const document: unknown = this.#parser.parse(text);
      return typeof document === 'object' && document !== null
        ? Reflect.get(document, element)
        : undefined;
    } catch {
      return undefined;
    }
  }
}
