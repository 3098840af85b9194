import type { MetaFunction } from '@remix-run/node';
import type { RootData } from './root.tsx';

type Title<Data> = string | ((data: Data) => string);

/** `<title>`: what the page shows, then whose portal it is. */
export function pageTitle<Data>(title: Title<Data>): MetaFunction {
  return ({ data, error, matches }) => {
    const root = matches.find((match) => match.id === 'root')?.data as RootData | undefined;
    const fromData = (show: (data: Data) => string) => (data ? show(data as Data) : 'Not available');
    const text = error ? 'Not available' : typeof title === 'string' ? title : fromData(title);
    return [{ title: root ? `${text} · ${root.tenant.name}` : text }];
  };
}
