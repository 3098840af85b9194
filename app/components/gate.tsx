import type { ReactNode } from 'react';
import { Card } from './card.tsx';
import { ImpersonationBanner } from './impersonation-banner.tsx';
import { Brand } from './shell.tsx';
import { useTenant } from './use-tenant.ts';

/** The frame of a page for people who are not signed in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  const { name, logo_url: logo } = useTenant();
  return (
    <>
      <ImpersonationBanner />
      <main className="gate" id="content">
        <div className="gate-card">
          <Brand name={name} logo={logo} />
          <Card padded>
            <h1>{title}</h1>
            {children}
          </Card>
          <p className="gate-foot">For the staff of {name}</p>
        </div>
      </main>
    </>
  );
}
