import * as v from 'valibot';

/** Names that mean something else as a subdomain, or that could be mistaken for the platform itself. */
const RESERVED_SLUGS: ReadonlySet<string> = new Set(
  `about abuse account accounts admin administrator api apis app apps assets auth autoconfig autodiscover billing blog
  cdn dashboard dev directory dns docs download edge email example files ftp gateway health healthz help
  home host hostmaster imap info internal invitations ldap legal localhost login logout mail mcp media metrics mta-sts
  news noreply ns1 ns2 oauth owner platform pop3 portal postgres postmaster press preview privacy private public pricing
  reference register root scp secure security server session sessions signin signup smtp ssl sso staging static stats
  status support system telemetry terms tick upload uploads webhook webhooks webmail wpad www www1 www2`.split(/\s+/),
);

// The first and last character are not hyphens, so that the slug is a DNS label of 3 to 40 characters.
const SLUG_SHAPE = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;

/** Hyphens at the third and fourth place mark an encoded label ("xn--…", RFC 5891 §4.2.3.1): browsers would decode it. */
const ENCODED_LABEL = /^..--/;

/** The name a tenant has in its host, schema and role: 3 to 40 letters, digits and hyphens, not reserved. */
export const Slug = v.pipe(
  v.string(),
  v.regex(SLUG_SHAPE, 'A slug has 3 to 40 lower-case letters, digits and hyphens, and starts with a letter.'),
  v.check((slug) => !ENCODED_LABEL.test(slug), 'A slug has no hyphens at both its third and fourth place.'),
  v.check((slug) => !RESERVED_SLUGS.has(slug), 'This slug is reserved.'),
);

/** Whether a tenant may have this slug. */
export function isSlug(text: string): boolean {
  return v.is(Slug, text);
}

/** The schema of a tenant. No two slugs share one: a slug has no underscore, so the change of hyphens loses nothing. */
export function schemaName(slug: string): string {
  return `tenant_${slug.replaceAll('-', '_')}`;
}

/** The login role of a tenant, which has the name of its schema. */
export function roleName(slug: string): string {
  return schemaName(slug);
}
