package handlers

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// forwarded finds the address of whoever sent a request, behind proxies that are
// trusted to say it.
type forwarded struct {
	trusted []netip.Prefix
	logger  *slog.Logger

	untrusted, unreadable sync.Once // what is wrong is said once, not with each request
}

// client is the address that a request came from: the peer's, or where that is a
// trusted proxy the last one in X-Forwarded-For that isn't one. What can't be read ends
// the search, since whatever stands before it may be anybody's invention.
func (f *forwarded) client(r *http.Request) string {
	header := r.Header.Values("X-Forwarded-For")
	peer, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	if !f.trusts(peer) {
		if len(header) > 0 {
			f.untrusted.Do(func() {
				f.logger.WarnContext(r.Context(), "X-Forwarded-For came from somebody who is not in FOYER_TRUSTED_PROXIES and is ignored: if that is your proxy, everybody behind it counts as one address")
			})
		}
		return peer.String()
	}
	found := peer
	entries := strings.Split(strings.Join(header, ","), ",")
	for _, entry := range slices.Backward(entries) {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		address, ok := parseAddress(entry)
		if !ok {
			f.unreadable.Do(func() {
				f.logger.WarnContext(r.Context(), "X-Forwarded-For of a trusted proxy has something that is no address: what it has before that is ignored")
			})
			break
		}
		found = address
		if !f.trusts(address) {
			break
		}
	}
	return found.String()
}

func (f *forwarded) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(f.trusted, func(p netip.Prefix) bool { return p.Contains(address) })
}

// parseAddress reads an address as proxies write it: alone, with a port, in brackets, in
// quotes, an IPv4 address within an IPv6 one.
func parseAddress(text string) (netip.Addr, bool) {
	text = strings.Trim(text, `"`)
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		return netip.Addr{}, false
	}
	return address.Unmap().WithZone(""), true
}
