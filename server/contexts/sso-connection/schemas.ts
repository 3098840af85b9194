import * as v from 'valibot';
import { id, instant, listInput, listOf, optional, text, version } from '../../operations/schemas.ts';

/** A role and where it holds: the whole tenant when both ids are absent. */
const place = { role_id: id, merchant_org_id: optional(id), merchant_id: optional(id) };

/** Who has `value` in `claim` (alone, or among others in a list) gets the role. Claims may lie deeper: `realm_access.roles`. */
const roleMapping = v.strictObject({ claim: text(200), value: text(500), ...place });
const defaultRole = v.strictObject(place);

const givenPlace = { role_id: id, role_name: v.string(), merchant_org_id: v.nullable(id), merchant_id: v.nullable(id) };

export const ssoConnection = v.object({
  id,
  name: v.string(),
  issuer: v.string(),
  client_id: v.string(),
  has_client_secret: v.boolean(),
  scopes: v.array(v.string()),
  email_domains: v.array(v.string()),
  role_mappings: v.array(v.object({ claim: v.string(), value: v.string(), ...givenPlace })),
  /** The role of those whom no mapping fits; null refuses them. */
  default_role: v.nullable(v.object(givenPlace)),
  /** Whoever comes through it for the first time gets an account. */
  creates_users: v.boolean(),
  /** Nobody of its domains signs in with a password, except owners. */
  forbids_passwords: v.boolean(),
  /** What the provider says of a second factor (`amr`) counts here. */
  trusts_amr: v.boolean(),
  is_enabled: v.boolean(),
  /** What the provider has to know as the redirect URI of its client. */
  redirect_uri: v.string(),
  version,
  created_at: instant,
  updated_at: instant,
});
export type SsoConnection = v.InferOutput<typeof ssoConnection>;

const issuer = v.pipe(
  v.string(),
  v.maxLength(500),
  v.regex(/^https?:\/\/[^\s?#@\\]+$/, 'must be an address like https://login.example.com, without a query'),
  v.check((value) => URL.canParse(value), 'must be an address like https://login.example.com'),
);
const clientSecret = v.pipe(text(2000), v.regex(/^[\x20-\x7e]+$/, 'must be printable ASCII'));
const scopes = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'must be scopes without spaces'))),
  v.maxLength(30),
);
const emailDomains = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.maxLength(253),
      v.regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/, 'must be domains like example.com'),
    ),
  ),
  v.minLength(1, 'must name at least one domain'),
  v.maxLength(50),
);

const given = {
  name: text(100),
  issuer,
  client_id: v.pipe(text(500), v.regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')),
  email_domains: emailDomains,
};
const options = {
  client_secret: optional(clientSecret),
  scopes: v.optional(scopes),
  role_mappings: v.optional(v.pipe(v.array(roleMapping), v.maxLength(100))),
  default_role: optional(defaultRole),
  creates_users: v.optional(v.boolean()),
  forbids_passwords: v.optional(v.boolean()),
  trusts_amr: v.optional(v.boolean()),
  is_enabled: v.optional(v.boolean()),
};

export const ssoConnectionCreateInput = v.strictObject({ ...given, ...options });
export type SsoConnectionCreate = v.InferOutput<typeof ssoConnectionCreateInput>;

/** A `client_secret` or `default_role` of null takes it away; absent leaves it. */
export const ssoConnectionUpdateInput = v.strictObject({
  id,
  name: v.optional(given.name),
  issuer: v.optional(given.issuer),
  client_id: v.optional(given.client_id),
  email_domains: v.optional(given.email_domains),
  ...options,
});
export type SsoConnectionUpdate = v.InferOutput<typeof ssoConnectionUpdateInput>;

export const ssoConnectionListInput = v.strictObject({ ...listInput });
export const ssoConnectionList = listOf(ssoConnection);

/** How many links to providers ended. */
export const ssoUnlinked = v.object({ unlinked: v.number() });

export const ssoConnectionTestInput = v.strictObject({ issuer });
/** What was found out about a provider. `problem` says what stands in the way of using it. */
export const ssoConnectionTested = v.object({
  is_usable: v.boolean(),
  problem: v.nullable(v.string()),
  authorization_endpoint: v.nullable(v.string()),
  token_endpoint: v.nullable(v.string()),
  signing_algorithms: v.array(v.string()),
  keys: v.number(),
});
export type SsoConnectionTested = v.InferOutput<typeof ssoConnectionTested>;
