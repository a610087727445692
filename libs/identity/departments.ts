/**
 * Names of departments that clients were registered with. An implementation **must** keep them
 * permanently, because notices that holders signed name them.
 */
export abstract class RegisteredDepartments {
  abstract names(): Promise<readonly string[]>;
  /** @param client registered with it */
  abstract keep(department: string, client: string): Promise<void>;
}

/**
 * Departments that are named elsewhere than in the register of clients. An implementation may lag
 * by a moment.
 */
export abstract class OtherDepartments {
  abstract names(): Promise<readonly string[]>;
}
