export interface Config {
  auth?: {
    providers?: {
      /** (Optional) Lets visitors sign in without a password as one of the people listed, on localhost only. */
      demo?: {
        /** (Required) The people that can be chosen. */
        people: Array<{
          /**
           * (Required) Name of the User entity in namespace default.
           * @visibility frontend
           */
          name: string;
          /**
           * (Required) Name as shown.
           * @visibility frontend
           */
          title: string;
          /**
           * (Required) Who this is, in a few words.
           * @visibility frontend
           */
          description: string;
        }>;
      };
    };
  };
}
