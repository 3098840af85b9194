// Our own icons on a 16 px grid, drawn with one stroke.

const PATHS = {
  dashboard: 'M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5h-4.5zM9 8.5h4.5v5h-4.5zM2.5 11h4.5v2.5h-4.5z',
  building: 'M3 13.5v-11h6v11M9 6h4v7.5M1.5 13.5h13M5 5.5h2M5 8h2M5 10.5h2',
  store: 'M2 6l1-3.5h10l1 3.5M2 6a2 2 0 0 0 4 0a2 2 0 0 0 4 0a2 2 0 0 0 4 0M3 8v5.5h10v-5.5M6.5 13.5v-3h3v3',
  arrows: 'M2.5 5.5h10M9.5 2.5l3 3l-3 3M13.5 10.5h-10M6.5 7.5l-3 3l3 3',
  book: 'M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5h-8.5a1.5 1.5 0 0 1-1.5-1.5zM3 12a1.5 1.5 0 0 1 1.5-1.5h8.5M6 5.5h4',
  match: 'M2.5 3.5h5M2.5 8h3M2.5 12.5h5M7.5 8.25l2 2l4-4.5',
  scale: 'M8 2.5v11M5 13.5h6M3 4h10M3.5 4l-2 5h4zM12.5 4l-2 5h4z',
  chart: 'M2.5 13.5h11M4.5 11v-3.5M8 11v-8M11.5 11v-5.5',
  history: 'M2.5 8a5.5 5.5 0 1 0 2-4.25L2.5 5.5M2.5 2.5v3h3M8 5v3.25l2.25 1.25',
  people:
    'M6 7.5a2.5 2.5 0 1 0 0-5a2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.75a2.5 2.5 0 0 1 0 4.5M12 9.75c1.5.5 2.5 1.75 2.5 3.75',
  gauge: 'M2.5 12.5a6 6 0 1 1 11 0M8 10l3-4M2.5 12.5h1.5M12 12.5h1.5',
  pulse: 'M1.5 8h3l2-5l3 10l2-5h3',
  sliders: 'M2 4.5h6M11.5 4.5h2.5M2 11.5h2.5M8 11.5h6M9.75 2.75v3.5M6.25 9.75v3.5',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9a4.5 4.5 0 0 0 0 9zM10.25 10.25l3.25 3.25',
  plus: 'M8 3v10M3 8h10',
  check: 'M3 8.5l3.25 3.25l6.75-7.25',
  alert: 'M8 2.5l6.25 11h-12.5zM8 6.5v3M8 11.5v.1',
  chevron: 'M6 3.5l4.5 4.5l-4.5 4.5',
  up: 'M8 13v-10M4 7l4-4l4 4',
  down: 'M8 3v10M4 9l4 4l4-4',
  download: 'M8 2.5v7.5M5 7.5l3 3l3-3M2.5 13.5h11',
  upload: 'M8 10v-7.5M5 5.5l3-3l3 3M2.5 13.5h11',
  exit: 'M6 13.5h-3.5v-11h3.5M10 5l3 3l-3 3M13 8h-7',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M4 4l8 8M12 4l-8 8',
  payout: 'M2 4.5h12v7h-12zM8 9.5a1.5 1.5 0 1 0 0-3a1.5 1.5 0 0 0 0 3zM4 8v.1M12 8v.1',
  calendar: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  mail: 'M2 3.5h12v9h-12zM2 4l6 5l6-5',
  eye: 'M1.5 8c1.5-3 3.75-4.5 6.5-4.5s5 1.5 6.5 4.5c-1.5 3-3.75 4.5-6.5 4.5s-5-1.5-6.5-4.5zM8 10a2 2 0 1 0 0-4a2 2 0 0 0 0 4z',
  key: 'M5.5 13.5a3 3 0 1 0 0-6a3 3 0 0 0 0 6zM7.75 8.25l5.75-5.75M11 5l2 2',
  lock: 'M4 7.5h8v6h-8zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2',
  flag: 'M3.5 14v-11.5M3.5 3h9l-2.25 3.25l2.25 3.25h-9',
  funnel: 'M2 3h12l-4.5 5.5v4l-3 1.5v-5.5z',
  left: 'M13 8h-10M7 4l-4 4l4 4',
  right: 'M3 8h10M9 4l4 4l-4 4',
  receipt: 'M4 2.5h8v11l-2-1.25l-2 1.25l-2-1.25l-2 1.25zM6 5.5h4M6 8.5h4',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4v.1M2.5 8v.1M2.5 12v.1',
  pencil: 'M3 13l.5-3l7-7l2.5 2.5l-7 7z',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside words; the words carry the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
