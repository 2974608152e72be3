/** What API server and Helm say of what they refuse quotes it: of a Secret its content, of a chart its values. */
export function withoutSecrets(message: string): string {
  return message
    .replace(
      /(\bSecret\/[^:]*failed[^:]*|\bKind=Secret\b[^:]*|\bcannot be handled as [^:]*):.*$/s,
      '$1 (what the API server says is left out, as it may quote the Secret)',
    )
    .replace(
      /(\bvalues don't meet the specifications\b[^:\n]*).*$/s,
      '$1 (which ones is left out, as Helm may quote a secret)',
    );
}
