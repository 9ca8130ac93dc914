/** A call of the tour, as it is made and as somebody would type it. */
export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Sent as JSON, by POST when no method is named. */
  readonly json?: unknown;
}

/** The same as a command line; `withFields` when the answer's header fields are looked at. */
export function curl({ method, path, headers = [], json }: Call, url: string, withFields: boolean): string {
  const implied = json === undefined ? "GET" : "POST";
  const where = url.replace("http://127.0.0.1:", "localhost:") + path;
  return [
    withFields ? "curl -i" : "curl",
    ...(method === undefined || method === implied ? [] : [`-X ${method}`]),
    ...(json === undefined ? [] : [`--json ${quoted(JSON.stringify(json))}`]),
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    /[?&*]/.test(where) ? quoted(where) : where,
  ].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
