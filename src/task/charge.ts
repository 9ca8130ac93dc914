/** What was taken from the quota of a key, so that tasks can be accepted under it. */
export interface Charge {
  /** Header fields that tell the client how it stands. */
  readonly fields: Readonly<Record<string, string>>;
  /** The tasks are accepted, and count by themselves, or they are not: their places are not held any longer. */
  done(): void;
}

export const NO_CHARGE: Charge = Object.freeze({ fields: Object.freeze({}), done() {} });
