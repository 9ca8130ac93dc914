import type { Language } from "../../lib/language.ts";

export interface GatewayFile {
  readonly port: number;
  readonly dataDir: string;
  readonly locale: Language;
  readonly workers: readonly string[];
  readonly partner: string;
  readonly inbox: string;
  readonly secret: string;
}

/** The file of `--config` that the demo's gateway runs with: what somebody would write for such a service. */
export function gatewayFile({ port, dataDir, locale, workers, partner, inbox, secret }: GatewayFile): string {
  return `listen_host: 127.0.0.1
listen_port: ${port}
data_dir: ${JSON.stringify(dataDir)}
locale: ${locale}
log_level: silent
max_concurrent: 12
num_workers: 12
long_task_threshold: 2s # five minutes, in fast-forward
drain_timeout: 1s

targets:
  workers: # two that are interchangeable
    urls: [${workers.join(", ")}]
    balance: least_busy
    max_concurrent: 4
    health: { path: /health, interval: 1s }
  partner: # somebody else's, with limits and outages
    urls: [${partner}]
    circuit: { failures: 2, open: 1s, max_open: 2s }

routes:
  - { match: /api/**, name: api, target: workers, max_concurrent: 6 }
  - { match: /catalog/**, name: catalog, target: workers, methods: [GET], cache: { ttl: 1m } }
  - { match: /single/**, name: single, target: workers, max_concurrent: 1, queue: 3 }
  - match: /partner/**
    name: partner
    target: partner
    retry: { attempts: 10, backoff: { initial: 200ms, max: 1s } }
  - { match: /partner/metered/**, name: metered, target: partner, rate: 2/s, burst: 1 }

webhooks:
  secret: ${secret}
  allow: [127.0.0.0/8] # private addresses are refused otherwise
  endpoints:
    inbox: { url: ${inbox}/alerts, on: [] }

alerts:
  - { name: failed, when: { task_failed: true }, notify: [inbox] }
  - { name: down, when: { target_down: true }, notify: [inbox] }
`;
}
