/** A mail as mail programs show it: a document of its own, which runs nothing and leads nowhere. */
export function MailFrame({ html, title }: { html: string; title: string }) {
  return <iframe className="mail-frame" title={title} srcDoc={html} sandbox="allow-same-origin" loading="lazy" />;
}
