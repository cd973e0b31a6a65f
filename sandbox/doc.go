// Package sandbox is a stand-in for Symphony: the Sponsored Access API, its
// token endpoint, the login service and the directory search, as one
// http.Handler over an SQLite file of its own.
//
// It owns what a partner's integration can see of Symphony from outside, and
// the means to make it misbehave on request (Faults and the control API under
// /control/). It must never import the client's decoding: a stand-in that
// shares its reader's mistakes proves nothing, so the wire types here are its
// own. It knows nothing of Foyer's pages, sessions or ledger.
//
// Package command imports it, for `foyer sandbox` and for the environment
// "sandbox", where it is embedded, unless it is built with the tag nosandbox;
// tests of every other package talk to it instead of mocks. It must not be
// reachable in any other environment.
//
// # Choices where the published contract is silent
//
//   - A name or vanity name that any tenant already has, the tenants of other
//     partners and of normal customers included, is refused with 409 and no
//     detailErrorCode. A taken domain is refused at creation as it is published
//     for Update company: 404 with 40103.
//   - Names are compared without case; vanity names and domains are lower-case.
//   - More than ten domains in all after an Update company is a 400.
//   - Every operation on the people of a company that is unknown, another
//     partner's or not COMPLETED answers 40102: as a 400 whose body says 404 for
//     Create users (as published), as a 404 elsewhere.
//   - Disabled people stay in the pages of their company.
//   - People are created active, whatever the request says, as in the
//     published sample.
//   - An item refused with 40002 has status 400, like its published sibling
//     40001. An item's optional fields come back null, as published.
//   - The state of a company follows from stored times whenever it is read:
//     STARTED for the first 40 % of its provisioning time, then TENANT_CREATED,
//     then COMPLETED. So it survives restarts and needs no background work.
//   - The login service answers NOT_FOUND with the HTTP status 404, and never
//     names a Customer Connect pod or a tenant that is not COMPLETED.
//   - The directory search refuses a missing or malformed parameter with 400
//     and an unknown partner id with 403; it asks for no token.
//   - A change whose Content-Type is not application/json is a 415; the token
//     endpoint answers a form with 400.
//
// # Vanity names for training
//
// A vanity name that contains fail-tenant, fail-auth0 or fail-config ends in
// TENANT_CREATION_ERROR, AUTH0_CONFIG_ERROR or TENANT_CONFIG_ERROR with a trace
// id to give to support; one that contains stuck stays STARTED for ever.
package sandbox
