export interface Config {
  events?: {
    modules?: {
      /** (Optional) Webhooks of Gitea and Forgejo. */
      gitea?: {
        /**
         * (Required to receive any) The secret of the webhooks. Several, for example while one is changed for another: whichever
         * of them signs a hook, it is taken. Default: none, the address is not served.
         * @deepVisibility secret
         */
        webhookSecret?: string | string[];
      };
    };
  };
}
