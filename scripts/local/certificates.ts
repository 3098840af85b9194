import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A certificate authority of a test or proof of its own, and a server's certificate that it has signed. All in PEM. */
export type Certificates = { authority: string; certificate: string; key: string };

const SHA256_WITH_ECDSA = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';
const ALTERNATIVE_NAME = '551d11';

/** Makes certificates for a server on this machine, `localhost` and 127.0.0.1 (RFC 5280; Node reads them but makes none). */
export function makeCertificates(): Certificates {
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension(BASIC_CONSTRAINTS, sequence(der(0x01, Buffer.from([0xff]))));
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const signed = { issuer: 'Test Authority', signedWith: authorityKeys.privateKey };
  return {
    authority: certify({
      ...signed,
      subject: 'Test Authority',
      key: authorityKeys.publicKey,
      extensions: [isAuthority],
    }),
    certificate: certify({
      ...signed,
      subject: 'localhost',
      key: serverKeys.publicKey,
      extensions: [extension(ALTERNATIVE_NAME, names)],
    }),
    key: String(serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

type Request = { subject: string; issuer: string; key: KeyObject; signedWith: KeyObject; extensions: Buffer[] };

function certify({ subject, issuer, key, signedWith, extensions }: Request): string {
  const algorithm = sequence(objectId(SHA256_WITH_ECDSA));
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    name(issuer),
    sequence(date('20200101000000Z'), date('20991231235959Z')),
    name(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign('sha256').update(content).sign(signedWith);
  const whole = sequence(content, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** One value in distinguished encoding: tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function date(text: string): Buffer {
  return der(0x18, Buffer.from(text));
}

function name(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId(COMMON_NAME), der(0x0c, Buffer.from(text)))));
}

function extension(id: string, content: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, content));
}
