// Package handlers owns HTTP: the route table, the middleware, forms, and the
// way from a request to a use case and back to a page. It is the only package that
// knows Echo.
//
// A handler reads its input from the path, the query or r.PostForm, never
// through Echo's Bind or FormValue (a query parameter could fill in for a form
// field there), calls package portal, and answers with one of: a page, the same
// form again with 422, a redirect with 303, or an error that classify turns
// into the error page. It holds no SQL, no client of Symphony, and writes no
// markup: package views does.
//
// Only command imports it, for New.
package handlers
