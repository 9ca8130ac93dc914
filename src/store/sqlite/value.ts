/**
 * The form in which tasks cross between the main thread and the database's: flat arrays of primitives, in the order the
 * statements take and give them. Copying these between threads costs a third of copying the nested objects.
 */
export type Value = string | number | null;
export type Row = readonly Value[];

/** As the database gives it, before it crosses. */
export type RowWithBytes = (Value | Uint8Array)[];
