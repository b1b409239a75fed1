// A real identity provider on loopback, for tests: `node provider.mjs '{"port": 1, "clients": [...], "accounts": {...}}'`.
// POST /test/rotate replaces its signing key; GET /test/keys tells the private one, so that tests can forge.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const { port, clients, accounts } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const DAY = 86400;

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

async function findAccount(_ctx, id) {
  return accounts[id] && { accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) };
}

// Everybody has agreed to everything: consent is not what is tested here.
async function loadExistingGrant(ctx) {
  const { client, session, provider } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  if (known) return provider.Grant.find(known);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid profile email');
  await grant.save();
  return grant;
}

let key = newKey();
let current;

function start() {
  // What is stored is the process's, so a new instance knows the sessions and tokens of the one before.
  current = new Provider(issuer, {
    clients,
    jwks: { keys: [key] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['only-for-tests'] },
    features: {
      backchannelLogout: { enabled: true }, revocation: { enabled: true }, rpInitiatedLogout: { enabled: true },
    },
    findAccount,
    loadExistingGrant,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: () => true },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: DAY, IdToken: 3600, Interaction: 600, RefreshToken: DAY, Session: DAY },
  });
  current.on('backchannel.error', (_ctx, error) => console.error(`back-channel: ${error.message}`));
}

start();
createServer((request, response) => {
  if (request.url === '/test/rotate') {
    key = newKey();
    start();
    response.end();
  } else if (request.url === '/test/keys') {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
  } else {
    current.callback()(request, response);
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
