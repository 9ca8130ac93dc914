/** What people are told, in words, before it is put into the form that a chat takes. */
export interface Notice {
  /** `task.failed`, `alert.raised`, … */
  readonly type: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Goes out with `Headgate: ` before it. */
  readonly title: string;
  /** Name and text of each fact; both are text and nothing else. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** For programs. */
  readonly data: object;
}
