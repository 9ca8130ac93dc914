/** The only place that writes to the terminal by `console`; logs go their own way. */

/** What the user asked for, on standard output. */
export function print(text: string): void {
  console.log(text);
}

/** What the user should know besides, on standard error. */
export function notify(text: string): void {
  console.error(text);
}
