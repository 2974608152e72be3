/** A file that cannot be read, or read but not edited safely. */
export class YamlProblem extends Error {
  readonly kind: 'syntax' | 'format';
  readonly line: number;

  constructor(kind: YamlProblem['kind'], message: string, line: number) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}
