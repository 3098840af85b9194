import { Outlet, useLocation } from '@remix-run/react';
import { ReportTabs } from '../components/report-frame.tsx';

/** Every report stands below the way to the others. */
export default function Reports() {
  const { pathname } = useLocation();
  return (
    <>
      {pathname === '/reports' ? null : <ReportTabs pathname={pathname} />}
      <Outlet />
    </>
  );
}
