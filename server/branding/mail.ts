import { accentsOf } from './colours.ts';

/** What mail wears of its tenant. `logo` is where the picture is, as an absolute address or a data URL. */
export type MailBrand = {
  readonly name: string;
  readonly colour: string | null;
  readonly logo: string | null;
  readonly support_email: string | null;
  readonly support_phone: string | null;
  readonly support_url: string | null;
};

type Words = { readonly subject: string; readonly body: string };

const INK = '#171a21';
const FAINT = '#636b7b';
const PAPER = '#ffffff';
const CANVAS = '#f3f4f6';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}

/** The portal's own accent where the tenant has no colour. */
function accentOf(colour: string | null): string {
  return accentsOf(colour ?? '#3550c4').light.accent;
}

/** A long address may go on in the next line. */
function breakable(address: string): string {
  return (address.match(/.{1,16}/gs) ?? []).map(escaped).join('<wbr>');
}

/** Addresses in a text lead somewhere; a point that ends the sentence is not part of them. */
function linked(text: string, accent: string): string {
  return text
    .split(/(https?:\/\/\S*[^\s.,;:!?)\]”"'])/)
    .map((part, at) =>
      at % 2 === 1 ? `<a href="${escaped(part)}"><font color="${accent}">${breakable(part)}</font></a>` : escaped(part),
    )
    .join('')
    .replaceAll('\n', '<br>');
}

function contacts({ support_email: email, support_phone: phone, support_url: url }: MailBrand): string[] {
  return [email, phone, url].filter((contact) => contact !== null);
}

/** The text alone, with whom to ask at its foot. */
export function mailText(brand: MailBrand, body: string): string {
  const ways = contacts(brand);
  return ways.length === 0 ? body : `${body}\n\n-- \nSupport of ${brand.name}: ${ways.join(' · ')}`;
}

function headOf({ name, logo, colour }: MailBrand): string {
  return logo === null
    ? `<font size="4" color="${accentOf(colour)}"><b>${escaped(name)}</b></font>`
    : `<img src="${escaped(logo)}" alt="${escaped(name)}" height="40" border="0">`;
}

function footOf(brand: MailBrand): string {
  const { support_email: email, support_phone: phone, support_url: url } = brand;
  const ways = [
    email && `<a href="mailto:${escaped(email)}"><font color="${FAINT}">${escaped(email)}</font></a>`,
    phone && escaped(phone),
    url && `<a href="${escaped(url)}"><font color="${FAINT}">${escaped(url)}</font></a>`,
  ].filter(Boolean);
  const support = ways.length === 0 ? '' : `<br>Support: ${ways.join(' · ')}`;
  return `<font size="2" color="${FAINT}">${escaped(brand.name)}${support}</font>`;
}

/**
 * A mail as it looks. Colours and sizes stand in attributes rather than in styles: every mail program knows them, and the
 * portal shows the same mail under its own policy, which allows no styles in a page.
 */
export function mailHtml(brand: MailBrand, { subject, body }: Words): string {
  const accent = accentOf(brand.colour);
  const row = (content: string) =>
    `<tr><td bgcolor="${PAPER}"><font face="Arial, sans-serif">${content}</font></td></tr>`;
  const paragraphs = body.split(/\n{2,}/).map((part) => `<p>${linked(part, accent)}</p>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body bgcolor="${CANVAS}"><table role="presentation" width="100%" cellpadding="12" cellspacing="0" border="0" bgcolor="${CANVAS}"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td bgcolor="${accent}" height="4"></td></tr></table>
<table role="presentation" width="100%" cellpadding="14" cellspacing="0" border="0" bgcolor="${PAPER}">
${row(headOf(brand))}
${row(`<font size="3" color="${INK}">${paragraphs.join('')}</font>`)}
${row(footOf(brand))}
</table></td></tr></table></body></html>`;
}
