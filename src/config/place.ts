import { withoutCredentials } from "../lib/url.ts";
import { type Problem, shown } from "./problem.ts";

/** From the root of the file down: `["routes", 0, "retry"]`. */
export type Path = readonly (string | number)[];

/** A value in the file, with the means to say what is wrong with it. */
export interface Place {
  /** The last step of the way to it; empty at the root. */
  readonly key: string;
  /** What stands there; undefined when nothing does. */
  readonly value: unknown;
  /** `routes[0].retry` */
  readonly name: string;
  /** `headgate.yaml:3` */
  readonly where: string;
  at(key: string | number): Place;
  /** The same place as if this stood there. */
  holding(value: unknown): Place;
  /** Adds to the problems: where it stands, its value if it has one, and these words. */
  wrong(what: string): void;
  /** Whether anything was found wrong there or below. */
  readonly isWrong: boolean;
}

/** The root. `whereIs` answers file and line of what is at a path, or of what is nearest to it. */
export function createPlace(value: unknown, whereIs: (path: Path) => string, problems: Problem[]): Place {
  const wrongNames = new Set<string>();

  function place(path: Path, value: unknown): Place {
    const name = nameOf(path);
    return {
      key: String(path.at(-1) ?? ""),
      value,
      name,
      get where() {
        return whereIs(path);
      },
      at: (key) =>
        place([...path, key], isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      holding: (other) => place(path, other),
      wrong(what) {
        wrongNames.add(name);
        const where = `${whereIs(path)}: ${shown(name)}`;
        if (value === null) problems.push({ where, what: `has no value; ${what}` });
        else if (value === undefined) problems.push({ where, what });
        else problems.push({ where: `${where}: ${display(String(path.at(-1)), value)}`, what });
      },
      get isWrong() {
        return [...wrongNames].some((other) => isBelow(other, name));
      },
    };
  }

  return place([], value);
}

/** A value that stands in no file, and is right. */
export function nowhere(value: unknown): Place {
  return createPlace(value, () => "default", []);
}

/** A map or a list. */
export function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null;
}

function nameOf(path: Path): string {
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
}

function isBelow(name: string, above: string): boolean {
  return name === above || name.startsWith(`${above}.`) || name.startsWith(`${above}[`);
}

/** Messages are logged: a secret is not repeated, not even a wrong one. */
function display(key: string, value: unknown): string {
  const text = JSON.stringify({ [key]: value }, withoutSecrets).slice(JSON.stringify(key).length + 2, -1);
  return shown(withoutCredentials(text));
}

function withoutSecrets(key: string, value: unknown): unknown {
  return SECRET_FIELDS.has(key) && typeof value === "string" ? "…" : value;
}

const SECRET_FIELDS: ReadonlySet<string> = new Set(["secret", "key"]);
