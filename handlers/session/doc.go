// Package session owns signing in and out, the sessions page, and what becomes of a
// request without a session.
//
// It trusts nobody by itself: package auth does, and keeps the sessions. Only package
// handlers imports it, for its route table and its middleware.
package session
