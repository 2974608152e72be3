/** An address of a repository by which it is told from others, by HTTPS as well as by SSH, with and without `.git`. */
export function plainAddressOf(url: string): string {
  const [, host, path] =
    /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^/:]+)(?::\d+(?=\/))?[/:]+(.+?)(?:\.git)?\/*$/i.exec(
      url,
    ) ?? [];
  return host ? `${host.toLowerCase()}/${path}` : url;
}
