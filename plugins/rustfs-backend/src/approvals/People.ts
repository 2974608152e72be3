/** Which people are behind the users of a forge. */
export interface People {
  /**
   * The person with a login; undefined when it is matched to nobody, or to more than one.
   *
   * @param forge - base URL of the forge
   */
  personOf(
    forge: string,
    login: string,
  ): Promise<{ ref: string; groups: string[] } | undefined>;
  /** The logins of a person, or of the members of a group, on a forge. In order of name. */
  loginsOf(forge: string, ref: string): Promise<string[]>;
}
