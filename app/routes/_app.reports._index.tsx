import { PageHeader } from '../components/page-header.tsx';
import { ReportList } from '../components/report-frame.tsx';
import { pageTitle } from '../page-title.ts';

export const meta = pageTitle('Reports');

export default function ReportIndex() {
  return (
    <>
      <PageHeader title="Reports" lead="Of one party's books, or of a MerchantOrg and its merchants consolidated." />
      <ReportList />
    </>
  );
}
