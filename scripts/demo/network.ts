// The network that the demo shows: what its businesses sell, where, in which currency, and what became of them.

type Vertical = 'beauty_and_wellness' | 'healthcare' | 'fitness' | 'professional_services' | 'home_services';

export type BusinessPlan = {
  readonly name: string;
  readonly vertical: Vertical;
  readonly timeZone: string;
  readonly currency: string;
  readonly address: string;
  readonly state: 'active' | 'onboarding' | 'suspended' | 'closed' | 'archived';
  readonly reason?: string;
  /** Visits of an ordinary month. */
  readonly visits: number;
  /** How many months ago the last visits were; 0 when it still works. */
  readonly ended?: number;
  /** Hundredths of a percent, on top of the prices unless they hold it. */
  readonly tax: number;
  readonly isTaxInclusive?: boolean;
  readonly asksForDeposits?: boolean;
  readonly providers: readonly string[];
  /** Name, minutes, price in minor units; all but the last make a package for nine tenths of their price. */
  readonly services: readonly (readonly [string, number, number])[];
  readonly packageName: string;
  readonly customers: readonly string[];
};

export type OrgPlan = { readonly name: string; readonly legal: string; readonly businesses: readonly BusinessPlan[] };

const AMERICANS = [
  ...['Adaeze Obi', 'Bruno Lima', 'Chen Wei', 'Dalia Haddad', 'Emil Novak', 'Farah Aziz', 'Grace Kim', 'Hugo Martin'],
  ...['Iris Delgado', 'Jamal Carter'],
];
const BRITONS = [
  'Amelia Hughes',
  'Callum Reid',
  'Priya Shah',
  'Owen Davies',
  'Zara Malik',
  'Niamh Byrne',
  'Tom Ashworth',
];
const GERMANS = [
  'Anke Brandt',
  'Jonas Vogel',
  'Lea Schäfer',
  'Mert Yılmaz',
  'Ute Krüger',
  'Paul Lindner',
  'Sofie Ebert',
];
const JAPANESE = ['佐藤 葵', '鈴木 蓮', '高橋 結衣', '田中 湊', '渡辺 凛', '伊藤 陽翔'];

export const network: readonly OrgPlan[] = [
  {
    name: 'Harbor & Pine',
    legal: 'Harbor & Pine Holdings LLC',
    businesses: [
      {
        ...{ name: 'Pine Street Hair', vertical: 'beauty_and_wellness', timeZone: 'America/New_York', currency: 'USD' },
        ...{ address: '12 Pine Street, Portland, ME', state: 'active', visits: 10, tax: 825 },
        providers: ['Alma', 'Joris', 'Mei'],
        services: [
          ['Cut', 45, 8_500],
          ['Blow-dry', 30, 4_500],
          ['Colour', 75, 16_000],
        ],
        ...{ packageName: 'Cut and blow-dry', customers: AMERICANS },
      },
      {
        ...{ name: 'Harbor Day Spa', vertical: 'beauty_and_wellness', timeZone: 'America/New_York', currency: 'USD' },
        ...{
          address: '3 Commercial Street, Portland, ME',
          state: 'active',
          visits: 9,
          tax: 825,
          asksForDeposits: true,
        },
        providers: ['Noor', 'Ines'],
        services: [
          ['Massage', 60, 14_000],
          ['Sauna', 30, 6_000],
          ['Facial', 60, 12_500],
        ],
        ...{ packageName: 'Half a day', customers: AMERICANS },
      },
      {
        ...{ name: 'Thames Nails', vertical: 'beauty_and_wellness', timeZone: 'Europe/London', currency: 'GBP' },
        ...{ address: '41 Bankside, London', state: 'suspended', reason: 'The licence has run out', ended: 2 },
        ...{ visits: 7, tax: 2_000, isTaxInclusive: true },
        providers: ['Freya'],
        services: [
          ['Manicure', 45, 3_200],
          ['Pedicure', 45, 3_800],
          ['Gel set', 75, 5_500],
        ],
        ...{ packageName: 'Hands and feet', customers: BRITONS },
      },
      {
        ...{ name: 'Riverside Vets', vertical: 'healthcare', timeZone: 'Europe/London', currency: 'GBP' },
        ...{ address: '7 Mill Lane, Oxford', state: 'active', visits: 7, tax: 2_000 },
        providers: ['Dr Imran', 'Dr Wren'],
        services: [
          ['Check-up', 30, 5_200],
          ['Vaccination', 15, 4_400],
          ['Dental cleaning', 75, 18_000],
        ],
        ...{ packageName: 'Check-up and vaccination', customers: BRITONS },
      },
    ],
  },
  {
    name: 'Northside Movement',
    legal: 'Northside Movement Inc.',
    businesses: [
      {
        ...{ name: 'Northside Yoga', vertical: 'fitness', timeZone: 'America/Chicago', currency: 'USD' },
        ...{ address: '220 North Avenue, Chicago, IL', state: 'active', visits: 9, tax: 0 },
        providers: ['Sage', 'Rohan'],
        services: [
          ['Private class', 60, 7_500],
          ['Breathing', 30, 3_000],
          ['Workshop', 75, 9_000],
        ],
        ...{ packageName: 'Class and breathing', customers: AMERICANS },
      },
      {
        ...{ name: 'Northside Physio', vertical: 'healthcare', timeZone: 'America/Chicago', currency: 'USD' },
        ...{ address: '224 North Avenue, Chicago, IL', state: 'active', visits: 8, tax: 0, asksForDeposits: true },
        providers: ['Dr Lena', 'Malik'],
        services: [
          ['First visit', 60, 11_500],
          ['Taping', 15, 2_500],
          ['Regular visit', 45, 9_000],
        ],
        ...{ packageName: 'First visit with taping', customers: AMERICANS },
      },
      {
        ...{ name: 'Spree Pilates', vertical: 'fitness', timeZone: 'Europe/Berlin', currency: 'EUR' },
        ...{ address: 'Uferstraße 8, Berlin', state: 'active', visits: 8, tax: 1_900, isTaxInclusive: true },
        providers: ['Katrin', 'Ben'],
        services: [
          ['Reformer', 45, 4_900],
          ['Mat class', 45, 2_900],
          ['Duo', 60, 7_900],
        ],
        ...{ packageName: 'Reformer and mat', customers: GERMANS },
      },
      {
        ...{ name: 'Northside Spin', vertical: 'fitness', timeZone: 'America/Chicago', currency: 'USD' },
        ...{
          address: '9 Lake Street, Chicago, IL',
          state: 'archived',
          reason: 'Its lease ended',
          ended: 5,
          visits: 6,
          tax: 0,
        },
        providers: ['Tess'],
        services: [
          ['Ride', 45, 2_800],
          ['Bike fitting', 30, 5_000],
          ['Long ride', 75, 4_200],
        ],
        ...{ packageName: 'First ride', customers: AMERICANS },
      },
    ],
  },
  {
    name: 'Tidy Home Services',
    legal: 'Tidy Home Services LLC',
    businesses: [
      {
        ...{ name: 'Tidy Cleaning', vertical: 'home_services', timeZone: 'America/Denver', currency: 'USD' },
        ...{ address: '500 Market Street, Denver, CO', state: 'active', visits: 8, tax: 450 },
        providers: ['Team Blue', 'Team Green'],
        services: [
          ['Small home', 75, 13_000],
          ['Windows', 15, 4_000],
          ['Oven', 45, 6_500],
        ],
        ...{ packageName: 'Home and windows', customers: AMERICANS },
      },
      {
        ...{ name: 'Tidy Garden Care', vertical: 'home_services', timeZone: 'America/Denver', currency: 'USD' },
        ...{ address: '501 Market Street, Denver, CO', state: 'closed', reason: 'Sold to its gardeners', ended: 4 },
        ...{ visits: 5, tax: 450 },
        providers: ['Team Oak'],
        services: [
          ['Lawn', 60, 9_800],
          ['Hedge', 30, 5_000],
          ['Winter check', 75, 12_000],
        ],
        ...{ packageName: 'Lawn and hedge', customers: AMERICANS },
      },
      {
        ...{ name: 'Kita Tutoring', vertical: 'professional_services', timeZone: 'Asia/Tokyo', currency: 'JPY' },
        ...{ address: '1-4-2 Kanda, Chiyoda, Tokyo', state: 'active', visits: 8, tax: 1_000, isTaxInclusive: true },
        providers: ['Aoi', 'Ken'],
        services: [
          ['Mathematics', 45, 6_600],
          ['English', 45, 5_500],
          ['Exam practice', 75, 9_900],
        ],
        ...{ packageName: 'Two subjects', customers: JAPANESE },
      },
      {
        ...{ name: 'Ledger & Line Bookkeeping', vertical: 'professional_services', timeZone: 'America/Denver' },
        ...{ currency: 'USD', address: '510 Market Street, Denver, CO', state: 'onboarding', visits: 0, tax: 0 },
        providers: ['Robin'],
        services: [
          ['First meeting', 60, 22_000],
          ['Monthly books', 30, 9_000],
          ['Year end', 75, 30_000],
        ],
        ...{ packageName: 'Start', customers: AMERICANS.slice(0, 4) },
      },
    ],
  },
];
