import type { LoaderFunctionArgs } from '@remix-run/node';
import { brandSheet } from '../../server/branding/colours.ts';

/** The accents of a colour. Its address names the colour, the tenant's or one that is tried, so that it can be kept for good. */
export function loader({ context, request }: LoaderFunctionArgs): Response {
  const named = `#${new URL(request.url).searchParams.get('v')}`;
  const isNamed = /^#[0-9a-f]{6}$/.test(named);
  const colour = isNamed ? named : context.tenant.brand_colour;
  return new Response(colour ? brandSheet(colour) : '', {
    headers: {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': isNamed ? 'private, max-age=31536000, immutable' : 'private, no-store',
    },
  });
}
