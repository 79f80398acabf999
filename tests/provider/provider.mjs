// A real OpenID Connect provider (npm `oidc-provider`, certified) on a port of this machine, with its own pages.
// Its one argument is JSON: {port, people, redirect_uri, client_id, client_secret, claims_in_id_token}; `people` are the
// claims of each person, by the name that they type. Prints its address when it listens; ends when its input does.
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: Provider } = await import(pathToFileURL(web.resolve('oidc-provider')));
const asked = JSON.parse(process.argv[2]);

// New keys each time: a provider that starts again has changed them.
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
let provider;
const server = createServer((request, response) => provider.callback()(request, response));
server.listen(asked.port ?? 0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, {
    clients: [
      {
        client_id: asked.client_id,
        redirect_uris: [asked.redirect_uri],
        id_token_signed_response_alg: 'ES256',
        ...(asked.client_secret
          ? { client_secret: asked.client_secret }
          : { token_endpoint_auth_method: 'none' }),
      },
    ],
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: `at-${Date.now()}` }] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: !asked.claims_in_id_token,
    pkce: { required: () => true },
    cookies: { keys: ['only', 'tests'] },
    findAccount: (_, login) =>
      asked.people[login] && { accountId: login, claims: () => ({ sub: login, ...asked.people[login] }) },
  });
  console.log(issuer);
});
process.stdin.on('end', () => process.exit()).resume();
