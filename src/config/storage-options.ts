import { duration, oneOf, path, size } from "./kind.ts";
import type { AnyOption } from "./option.ts";

/** Where tasks are kept, and for how long. */
export const STORAGE_OPTIONS: readonly AnyOption[] = Object.freeze<AnyOption[]>([
  {
    name: "store",
    field: "store",
    kind: oneOf("sqlite", "memory"),
    default: "sqlite",
    text: "where tasks are kept; memory forgets everything when the process ends",
    example: "memory",
  },
  {
    name: "data-dir",
    field: "dataDir",
    kind: path("<folder>"),
    default: "./headgate-data",
    text: "folder of the database and of large bodies, relative to the working directory",
    example: "/var/lib/headgate",
  },
  {
    name: "key-file",
    field: "keyFile",
    kind: path("<file>"),
    default: null,
    unset: "headgate.key in the data folder",
    text: "key that stored secrets are sealed with, 32 bytes as base64; made when there is none",
    example: "/etc/headgate/headgate.key",
  },
  {
    name: "retention",
    field: "retentionMs",
    kind: duration(1_000),
    default: "7d",
    text: "how long ended tasks and their answers are kept",
    example: "24h",
  },
  {
    name: "idempotency-ttl",
    field: "idempotencyTtlMs",
    kind: duration(1_000),
    default: "24h",
    text: "how long an Idempotency-Key is remembered",
    example: "7d",
  },
  {
    name: "min-free-disk",
    field: "minFreeDiskBytes",
    kind: size(0),
    default: "64MiB",
    text: "with less free space than this no new task is accepted (507)",
    example: "1GiB",
  },
]);
