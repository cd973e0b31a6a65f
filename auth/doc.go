// Package auth says who somebody is and what they may do: OpenID Connect
// sign-in, sessions, roles, permissions, and the Actor that every use case
// takes.
//
// It owns the checks of an identity provider's answer (those of the
// specifications that go-oidc leaves to its callers included), the cookies, and
// the timeouts. It knows no pages, no SQL and no other package of Foyer: it
// speaks net/http, and asks for storage through [Store]. It never logs, and no
// error of its carries a token, a code, a cookie or anything of a person.
//
// Package handlers signs people in and out with it, package portal asks Actors
// for permission, package ledger records them, package store implements Store.
package auth
