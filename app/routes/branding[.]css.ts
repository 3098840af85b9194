import type { LoaderFunctionArgs } from '@remix-run/node';
import { brandSheet } from '../brand-colours.ts';

/** The tenant's colours; its address names the colour, so that it can be kept for good. */
export function loader({ context, request }: LoaderFunctionArgs): Response {
  const { brand_colour } = context.tenant;
  const isThisOne = new URL(request.url).searchParams.get('v') === brand_colour?.slice(1);
  return new Response(brand_colour ? brandSheet(brand_colour) : '', {
    headers: {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': isThisOne ? 'public, max-age=31536000, immutable' : 'no-store',
    },
  });
}
