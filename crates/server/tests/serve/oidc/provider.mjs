// An identity provider for one test: panva's oidc-provider with its own sign-in pages, a new signing key each time it starts.
// Arguments: where browsers are sent back to, and the port (0: any). Prints its issuer when it is ready.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, redirect, port] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(createRequire(modules).resolve('oidc-provider')));

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };

const server = createServer();
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'tongchou', client_secret: 'hush', redirect_uris: [redirect] }],
    claims: { openid: ['sub', 'worker'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomUUID()] },
    features: { devInteractions: { enabled: true } },
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, worker: `w-${id}` }) }),
    jwks: { keys: [key] },
    pkce: { required: () => true },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
