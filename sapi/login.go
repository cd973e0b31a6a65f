package sapi

import (
	"context"
	"net/http"
	"net/url"
)

// Login asks the login service on which pod people are. It takes no token.
type Login struct{ client *Client }

// Lookup asks for the pod of an e-mail address, or else of its root domain. See
// [Pod] for what the answer does and does not prove.
//
// Upstream: GET /webcontroller/podLoginInformation (podLoginInformation).
func (s *Login) Lookup(ctx context.Context, email string) (Pod, error) {
	pod := Pod{Host: s.client.login.host}
	k := call{
		op: "look up pod", operation: "podLoginInformation", method: http.MethodGet,
		to: s.client.login, path: "/webcontroller/podLoginInformation",
		query:      url.Values{"emailAddress": {email}, "fs": {"advanced"}},
		notFoundOK: true, decode: decodePod(&pod),
	}
	if email == "" {
		return Pod{}, k.invalid("an e-mail address is needed")
	}
	if err := s.client.do(ctx, k); err != nil {
		return Pod{}, err
	}
	return pod, nil
}

// Directory searches Symphony's directory. Only partners with a partner id can.
type Directory struct {
	client    *Client
	partnerID string
}

// Enabled reports whether the client has a partner id, without which Search is refused.
func (s *Directory) Enabled() bool { return s.partnerID != "" }

// Search asks which tenant an e-mail address belongs to.
//
// Upstream: GET /directory/search (searchDirectory).
func (s *Directory) Search(ctx context.Context, email string) (Match, error) {
	match := Match{Host: s.client.api.host}
	k := call{
		op: "search directory", operation: "searchDirectory", method: http.MethodGet,
		to: s.client.api, path: "/directory/search",
		query:  url.Values{"partnerId": {s.partnerID}, "email": {email}},
		bearer: true, decode: decodeMatch(&match),
	}
	switch {
	case !s.Enabled():
		return Match{}, k.invalid("there is no partner id to search the directory with")
	case email == "":
		return Match{}, k.invalid("an e-mail address is needed")
	}
	if err := s.client.do(ctx, k); err != nil {
		return Match{}, err
	}
	return match, nil
}
