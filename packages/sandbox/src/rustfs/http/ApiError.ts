/** A refusal with the code, status and words that a client of RustFS sees. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The errors whose words do not depend on the situation. */
const CATALOGUE = {
  AccessDenied: [403, 'Access Denied'],
  BadDigest: [
    400,
    'The Content-Md5 you specified did not match what we received.',
  ],
  BucketAlreadyExists: [
    409,
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
  ],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  EntityTooLarge: [
    400,
    'Your proposed upload exceeds the maximum allowed object size.',
  ],
  EntityTooSmall: [
    400,
    'Your proposed upload is smaller than the minimum allowed object size.',
  ],
  IncompleteBody: [
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  ],
  InvalidAccessKeyId: [
    403,
    'The Access Key Id you provided does not exist in our records.',
  ],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartOrder: [400, 'Part numbers must be strictly increasing'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  MalformedXML: [
    400,
    'The XML you provided was not well-formed or did not validate against our published schema.',
  ],
  MethodNotAllowed: [
    405,
    'The specified method is not allowed against this resource.',
  ],
  MissingContentLength: [
    411,
    'You must provide the Content-Length HTTP header.',
  ],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [
    501,
    'A header you provided implies functionality that is not implemented.',
  ],
  PreconditionFailed: [
    412,
    'At least one of the pre-conditions you specified did not hold',
  ],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS secret access key and signing method. For more information, see REST Authentication and SOAP Authentication for details.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
} as const;

export function apiError(
  code: keyof typeof CATALOGUE,
  message?: string,
): ApiError {
  const [status, words] = CATALOGUE[code];
  return new ApiError(code, status, message ?? words);
}

export function invalidArgument(message: string): ApiError {
  return new ApiError('InvalidArgument', 400, message);
}

export function invalidRequest(message: string): ApiError {
  return new ApiError('InvalidRequest', 400, message);
}

/** What RustFS answers to many mistakes of the caller: a 500 that is no outage. */
export function internalError(message: string): ApiError {
  return new ApiError('InternalError', 500, message);
}

export function noSuchResource(message: string): ApiError {
  return new ApiError('NoSuchResource', 404, message);
}

export function serviceUnavailable(message: string): ApiError {
  return new ApiError('ServiceUnavailable', 503, message);
}
