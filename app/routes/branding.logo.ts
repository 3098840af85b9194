import type { LoaderFunctionArgs } from '@remix-run/node';
import { bytesOf } from '../../server/branding/image.ts';
import { tenantLogoGet } from '../../server/contexts/tenant/operations.ts';

/** The tenant's logo; its address names the picture, so that it can be kept for good. */
export async function loader({ context, request }: LoaderFunctionArgs): Promise<Response> {
  const { media_type: type, hash, image } = await context.run(tenantLogoGet, {});
  const etag = `"${hash.slice(0, 16)}"`;
  const isThisOne = `"${new URL(request.url).searchParams.get('v')}"` === etag;
  const headers = {
    etag,
    'content-type': type,
    'cache-control': isThisOne ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'content-disposition': `inline; filename="logo.${type.slice('image/'.length)}"`,
  };
  const isKnown = request.headers
    .get('if-none-match')
    ?.split(/\s*,\s*/)
    .includes(etag);
  return isKnown ? new Response(null, { status: 304, headers }) : new Response(bytesOf(image), { headers });
}
