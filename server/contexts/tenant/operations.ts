// The tenant as its own staff see it: name, legal entity, locale, time zone, default currency. Its place in the
// catalog (slug, cluster, status) belongs to provisioning and never changes here.

import { accentsOf } from '../../branding/colours.ts';
import { bytesOf, type ImageType, imageTypeOf, LARGEST_IMAGE } from '../../branding/image.ts';
import { type MailBrand, mailHtml, mailText } from '../../branding/mail.ts';
import { requireWholeTenant } from '../../operations/actor.ts';
import { DomainError, orNotFound } from '../../operations/errors.ts';
import { type Context, defineOperation } from '../../operations/operation.ts';
import { empty } from '../../operations/schemas.ts';
import { unknownCurrency } from '../account/operations.ts';
import { selectLogo, selectTenant, updateLogo, updateTenant } from './queries.ts';
import {
  brandingPreviewInput,
  brandingPreview as brandingPreviewSchema,
  type Tenant,
  tenant,
  tenantListInput,
  tenantList as tenantListSchema,
  tenantLogo,
  tenantLogoInput,
  tenantUpdateInput,
} from './schemas.ts';

async function currentTenant(ctx: Context): Promise<Tenant> {
  return { ...(await selectTenant(ctx.tx)), status: ctx.tenant.status };
}

export const tenantList = defineOperation({
  name: 'tenant.list',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: "List tenants: the caller's own",
  input: tenantListInput,
  output: tenantListSchema,
  isList: true,
  http: { method: 'GET', path: '/api/tenants' },
  run: async (ctx) => ({ data: [await currentTenant(ctx)], next_cursor: null }),
});

export const tenantGet = defineOperation({
  name: 'tenant.get',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: 'Read the tenant and its settings',
  input: empty,
  output: tenant,
  http: { method: 'GET', path: '/api/tenants/current' },
  run: currentTenant,
});

export const tenantUpdate = defineOperation({
  name: 'tenant.update',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: "Change the tenant's settings",
  input: tenantUpdateInput,
  output: tenant,
  http: { method: 'PATCH', path: '/api/tenants/current' },
  describe: () => 'Changed the settings',
  onConstraint: { tenant_currency_exists: unknownCurrency },
  run: async (ctx, input) => {
    requireWholeTenant(ctx.scope, 'The settings of the tenant');
    const updated = await updateTenant(ctx.tx, input, ctx.call.expectedVersion);
    if (!updated) {
      throw new DomainError('stale');
    }
    return { ...updated, status: ctx.tenant.status };
  },
});

/** @throws DomainError `invalid` for what is no picture that can be shown */
function pictureOf(image: string): ImageType {
  const bytes = bytesOf(image);
  const mediaType = bytes.length > LARGEST_IMAGE ? null : imageTypeOf(bytes);
  if (!mediaType) {
    const errors = { image: ['must be a PNG, JPEG or WebP of at most 256 KiB'] };
    throw new DomainError('invalid', 'The logo must be a PNG, JPEG or WebP of at most 256 KiB.', { errors });
  }
  return mediaType;
}

async function changeLogo(ctx: Context, logo: { mediaType: string; image: string } | null): Promise<Tenant> {
  requireWholeTenant(ctx.scope, 'The settings of the tenant');
  const updated = await updateLogo(ctx.tx, logo, ctx.call.expectedVersion);
  if (!updated) throw new DomainError('stale');
  return { ...updated, status: ctx.tenant.status };
}

export const tenantLogoSet = defineOperation({
  name: 'tenant_logo.set',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: 'Set the logo of portal and mails: a PNG, JPEG or WebP of at most 256 KiB, in base64',
  input: tenantLogoInput,
  output: tenant,
  http: { method: 'PUT', path: '/api/tenants/current/logo' },
  describe: () => 'Changed the logo',
  run: (ctx, { image }) => changeLogo(ctx, { mediaType: pictureOf(image), image }),
});

export const tenantLogoRemove = defineOperation({
  name: 'tenant_logo.remove',
  kind: 'write',
  risk: 'write',
  permission: 'tenant:update',
  resource: 'tenant',
  summary: 'Take the logo away: portal and mails show the name again',
  input: empty,
  output: tenant,
  http: { method: 'DELETE', path: '/api/tenants/current/logo' },
  describe: () => 'Removed the logo',
  run: (ctx) => changeLogo(ctx, null),
});

export const tenantLogoGet = defineOperation({
  name: 'tenant_logo.get',
  kind: 'read',
  risk: 'read',
  permission: null,
  openBecause: 'The sign-in page and mails wear it.',
  resource: 'tenant',
  summary: 'Read the logo of portal and mails',
  input: empty,
  output: tenantLogo,
  closedDoors: { http: 'It is served as a picture at /branding/logo.', mcp: 'It is a picture.' },
  run: async (ctx) => orNotFound(await selectLogo(ctx.tx)),
});

/** What mail wears. @param origin where the portal is; without it the name stands for the logo */
export async function mailBrand(ctx: Context, origin: string | undefined): Promise<MailBrand> {
  return brandOf(await selectTenant(ctx.tx), origin);
}

function brandOf(of: Omit<Tenant, 'status'>, origin: string | undefined): MailBrand {
  const { name, brand_colour: colour, logo_url: logo, support_email, support_phone, support_url } = of;
  const at = origin && logo ? `${origin}${logo}` : null;
  return { name, colour, logo: at, support_email, support_phone, support_url };
}

export const brandingPreview = defineOperation({
  name: 'branding.preview',
  kind: 'read',
  risk: 'read',
  permission: 'tenant:read',
  resource: 'tenant',
  summary: 'See what portal and mails would wear, with nothing kept',
  input: brandingPreviewInput,
  output: brandingPreviewSchema,
  http: { method: 'POST', path: '/api/tenants/current/branding/preview' },
  run: async (ctx, { image, ...changes }) => {
    const now = { ...(await selectTenant(ctx.tx)), ...changes } as Omit<Tenant, 'status'>;
    const logo = image ? `data:${pictureOf(image)};base64,${image}` : image === null ? null : now.logo_url;
    const brand = { ...brandOf(now, ctx.call.origin), ...(image === undefined ? {} : { logo }) };
    const subject = `Ada invites you to ${brand.name}`;
    const body = `You are invited to ${brand.name}. Choose a password to begin: ${ctx.call.origin ?? ''}/invitations/example\n\nThe link works once. If you do not know what this is about, there is nothing to do.`;
    const mail = { subject, text: mailText(brand, body), html: mailHtml(brand, { subject, body }) };
    return { accents: brand.colour === null ? null : accentsOf(brand.colour), logo, mail };
  },
});
