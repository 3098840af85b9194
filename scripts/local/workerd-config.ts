/** The compatibility the worker is written for; wrangler.toml says the same. */
export const COMPATIBILITY_DATE = '2026-02-10';

/** Names of the worker's settings that it reads as text. They reach it through workerd's environment, not through a file. */
const SETTINGS = [
  'BASE_DOMAIN',
  'PORT',
  'DATABASE_URL',
  'MASTER_SECRET',
  'UPSTASH_REDIS_REST_URL',
  'UPSTASH_REDIS_REST_TOKEN',
  'RATE_LIMITS',
  'LOCAL_MAILBOX',
  'SANDBOX_PAYMENTS',
];

/** In PEM. */
export type Certificate = { certificate: string; key: string };

export type WorkerdConfig = {
  /** Addresses (`127.0.0.1:8787`) that lead to the worker. */
  addresses: string[];
  /** Address that leads to the worker's Tick entrypoint. */
  tickAddress: string;
  /** Absolute path of the folder with the browser's files. */
  clientFolder: string;
  /** Makes the addresses speak TLS. */
  tls?: Certificate;
  /** PEM, trusted beside the public ones. */
  trustedCertificates: string[];
};

/** The configuration of workerd, as Cap'n Proto text; `index.js` and `assets-worker.js` lie beside it. */
export function workerdConfig({
  addresses,
  tickAddress,
  clientFolder,
  tls,
  trustedCertificates,
}: WorkerdConfig): string {
  const protocol = tls
    ? `https = (options = (), tlsOptions = (keypair = (privateKey = ${JSON.stringify(tls.key)}, certificateChain = ${JSON.stringify(tls.certificate)})))`
    : 'http = ()';
  const sockets = addresses.map(
    (address, index) => `(name = "http-${index}", address = "${address}", ${protocol}, service = "main")`,
  );
  sockets.push(
    `(name = "tick", address = "${tickAddress}", http = (), service = (name = "main", entrypoint = "Tick"))`,
  );
  const trusted = trustedCertificates.map((certificate) => JSON.stringify(certificate)).join(', ');
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .mainWorker),
    (name = "assets", worker = .assetsWorker),
    (name = "files", disk = (path = ${JSON.stringify(clientFolder)})),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true, trustedCertificates = [${trusted}]))),
  ],
  sockets = [
    ${sockets.join(',\n    ')},
  ],
  logging = (structuredLogging = true),
);

const mainWorker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [
    ${SETTINGS.map((name) => `(name = "${name}", fromEnvironment = "${name}")`).join(',\n    ')},
    (name = "TENANTS", durableObjectNamespace = "TenantHome"),
    (name = "DIRECTORY", durableObjectNamespace = "Directory"),
    (name = "PASSWORDS", service = (name = "main", entrypoint = "PasswordHasher")),
    (name = "ASSETS", service = "assets"),
  ],
  durableObjectNamespaces = [
    (className = "TenantHome", uniqueKey = "scp-tenant-home"),
    (className = "Directory", uniqueKey = "scp-directory"),
  ],
  durableObjectStorage = (inMemory = void),
  globalOutbound = "internet",
);

const assetsWorker :Workerd.Worker = (
  modules = [(name = "assets-worker.js", esModule = embed "assets-worker.js")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [(name = "FILES", service = "files")],
);
`;
}
