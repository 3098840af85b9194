import type { Traffic } from './proxy.ts';

type Finding = { method: string; path: string; info: string; level: number; parameter: string };
/** The scanner's JSON report: findings by category. `additionals` are for information. */
export type Report = Record<'vulnerabilities' | 'anomalies' | 'additionals', Record<string, Finding[]>>;

/** What the scanner asks for and we leave undone, each with the reason. */
const DECLINED: readonly { info: RegExp; because: string }[] = [
  {
    info: /X-XSS-Protection/,
    because:
      'browsers have dropped that filter, which opened holes of its own; the Content-Security-Policy does its work',
  },
];

export type Verdict = { problems: string[]; declined: string[]; informational: number };

/** An empty scan proves nothing: so much it must have tried at least. */
const LEAST = { requests: 5_000, pages: 20, endpoints: 25, parameters: 100 };

/** What speaks against the product: findings, failures of the worker, fetched payloads, and too little tried. */
export function judge(report: Report, traffic: Traffic): Verdict {
  const found = [...Object.entries(report.vulnerabilities), ...Object.entries(report.anomalies)].flatMap(
    ([category, findings]) => findings.map((finding) => ({ category, ...finding })),
  );
  const reasonOf = ({ info }: Finding) => DECLINED.find((each) => each.info.test(info))?.because;
  const told = ({ category, method, path, parameter, info }: Finding & { category: string }) =>
    `${category}: ${method} ${path} ${parameter} ${info}`;
  const tried = countsOf(traffic);
  const tooFew = Object.entries(LEAST).filter(([name, least]) => tried[name as keyof typeof LEAST] < least);
  return {
    problems: [
      ...found.filter((finding) => !reasonOf(finding)).map(told),
      ...[...traffic.failures].map((request) => `The worker failed on ${request}`),
      ...traffic.fetched.map((path) => `The worker fetched what a payload named: ${path}`),
      ...tooFew.map(
        ([name, least]) => `Only ${tried[name as keyof typeof LEAST]} ${name} were tried; ${least} are the least`,
      ),
    ],
    declined: found.flatMap((finding) => {
      const because = reasonOf(finding);
      return because ? [`${told(finding)} – ${because}`] : [];
    }),
    informational: Object.values(report.additionals).flat().length,
  };
}

export function countsOf({ requests, pages, endpoints, parameters }: Traffic) {
  return { requests, pages: pages.size, endpoints: endpoints.size, parameters: parameters.size };
}
