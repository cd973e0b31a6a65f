package handlers

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
)

// fromAddress are the headers of a request that a trusted proxy passes on.
func fromAddress(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

// trustTheTests has the requests of tests come from a proxy that is trusted.
func trustTheTests(o *Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
}

// Whoever hammers the callback keeps nobody at their address from signing in.
func TestNobodyIsLockedOutByWhatOthersAtTheirAddressDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stranger, attacker := b.stranger(), b.stranger()
	begun := stranger.get("/login/start").want(http.StatusSeeOther)
	for range 100 {
		attacker.get("/auth/callback?state=x&code=y")
	}
	refused := attacker.get("/auth/callback?state=x&code=y").want(http.StatusTooManyRequests).sound()
	refused.says("main", "Too many requests", "Wait a minute and try again.")
	if after, err := strconv.Atoi(refused.header.Get("Retry-After")); err != nil || after < 1 {
		t.Errorf("Retry-After = %q, want seconds", refused.header.Get("Retry-After"))
	}
	if n := len(b.events(ledger.Filter{Action: ledger.SignIn})); n != 30 {
		t.Errorf("the ledger has %d refused sign-ins, want as many as an address may have: 30", n)
	}

	back := b.signIn(stranger, begun.location(), "viewer").want(http.StatusSeeOther)
	stranger.follow(back).want(http.StatusOK)
	another := b.stranger()
	b.signIn(another, another.get("/login/start").want(http.StatusSeeOther).location(), "viewer").want(http.StatusSeeOther)

	b.clock.add(11 * time.Second)
	attacker.get("/auth/callback?state=x&code=y").want(http.StatusBadRequest)
	attacker.get("/auth/callback?state=x&code=y").want(http.StatusTooManyRequests)
}

func TestFailuresAreCountedByNetworks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, attackers, other string
		locked                 bool
	}{
		{"one IPv6 network", "2001:db8:1:2::%x", "2001:db8:1:2:ffff::1", true},
		{"another IPv6 network", "2001:db8:1:2::%x", "2001:db8:1:3::1", false},
		{"one IPv4 address, in IPv6 as well", "203.0.113.7", "::ffff:203.0.113.7", true},
		{"another IPv4 address", "203.0.113.7", "203.0.113.8", false},
		{"with ports", "203.0.113.7:%d", "203.0.113.7", true},
	} {
		b := newBench(t, trustTheTests)
		for n := range 31 {
			address := strings.NewReplacer("%x", strconv.FormatInt(int64(n+1), 16), "%d", strconv.Itoa(40000+n)).Replace(tt.attackers)
			b.stranger().send(http.MethodGet, "/auth/callback?state=x", nil, fromAddress(address))
		}
		want := map[bool]int{true: http.StatusTooManyRequests, false: http.StatusBadRequest}[tt.locked]
		if p := b.stranger().send(http.MethodGet, "/auth/callback?state=x", nil, fromAddress(tt.other)); p.status != want {
			t.Errorf("%s: %s = %d after %s, want %d", tt.name, tt.other, p.status, tt.attackers, want)
		}
	}
}

func TestSignInsThatAreFinishedDoNotCount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 {
		browser := b.stranger()
		b.signIn(browser, browser.get("/login/start").want(http.StatusSeeOther).location(), "viewer").want(http.StatusSeeOther)
	}
	for n := range 301 {
		p := b.stranger().get("/login/start")
		if want := map[bool]int{true: http.StatusSeeOther, false: http.StatusTooManyRequests}[n < 300]; p.status != want {
			t.Fatalf("start %d = %d, want %d", n+1, p.status, want)
		}
	}
	b.as().get("/login/start?prompt=select_account").want(http.StatusSeeOther) // signed in
}

// A browser that loads the way back again, signed in, is led on.
func TestTheWayBackLoadedAgainLeadsOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	vera := b.as(auth.Viewer)
	for range 50 {
		if p := vera.get("/auth/callback?state=used&code=used").want(http.StatusSeeOther); p.location() != "/" {
			t.Fatalf("the way back leads to %s, want /", p.location())
		}
	}
	if in := b.events(ledger.Filter{Action: ledger.SignIn}); len(in) > 0 {
		t.Errorf("ledger = %+v, want no refused sign-in", in)
	}
	b.as(auth.Viewer).get("/companies").want(http.StatusOK)
}

func TestAnotherHostNameLeadsToThePublicOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	start := func(host, path string) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		request.Host = host
		answer := httptest.NewRecorder()
		b.foyer.ServeHTTP(answer, request)
		return answer
	}
	answer := start("localhost:8080", "/login/start?return_to=%2Fcompanies")
	if got, want := answer.Header().Get("Location"), publicURL+"/login/start?at=public&return_to=%2Fcompanies"; got != want || len(answer.Result().Cookies()) > 0 {
		t.Errorf("at another name the start leads to %s, want %s and no cookie", got, want)
	}
	// A proxy that has Foyer see another name leads there once, not for ever.
	if got := start("localhost:8080", "/login/start?at=public&return_to=%2Fcompanies").Header().Get("Location"); !strings.Contains(got, "/idp/") {
		t.Errorf("the second time the start leads to %s, want the identity provider", got)
	}
	if got := start("127.0.0.1:8080", "/login/start").Header().Get("Location"); !strings.Contains(got, "/idp/") {
		t.Errorf("at the public name the start leads to %s, want the identity provider", got)
	}
}

func TestTheClientsAddressIsReadInEveryFormAndFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:aaaa::/48")}
	for _, tt := range []struct {
		name, peer string
		header     []string
		want       string
	}{
		{"no proxy", "203.0.113.8:1234", nil, "203.0.113.8"},
		{"somebody who isn't trusted", "203.0.113.8:1234", []string{"198.51.100.1"}, "203.0.113.8"},
		{"a trusted proxy without the header", "10.0.0.1:1234", nil, "10.0.0.1"},
		{"an address", "10.0.0.1:1234", []string{"203.0.113.8"}, "203.0.113.8"},
		{"with a port", "10.0.0.1:1234", []string{"203.0.113.8:51234"}, "203.0.113.8"},
		{"IPv6", "10.0.0.1:1234", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", "10.0.0.1:1234", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with a port", "10.0.0.1:1234", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"in quotes", "10.0.0.1:1234", []string{`"[2001:db8::1]:4711"`}, "2001:db8::1"},
		{"IPv4 in IPv6", "10.0.0.1:1234", []string{"::ffff:203.0.113.8"}, "203.0.113.8"},
		{"IPv4 in IPv6 with a port", "10.0.0.1:1234", []string{"[::ffff:203.0.113.8]:80"}, "203.0.113.8"},
		{"with a zone", "10.0.0.1:1234", []string{"fe80::1%eth0"}, "fe80::1"},
		{"a proxy that is IPv4 in IPv6", "[::ffff:10.0.0.1]:1234", []string{"203.0.113.8"}, "203.0.113.8"},
		{"behind two proxies", "10.0.0.1:1234", []string{"203.0.113.8:1, [2001:db8:aaaa::1]:4711, 10.0.0.2:80"}, "203.0.113.8"},
		{"in two headers", "10.0.0.1:1234", []string{"203.0.113.8", "10.0.0.2"}, "203.0.113.8"},
		{"what the client claims of itself", "10.0.0.1:1234", []string{"1.2.3.4, 203.0.113.8"}, "203.0.113.8"},
		{"proxies alone", "10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"an empty place", "10.0.0.1:1234", []string{"203.0.113.8, ,"}, "203.0.113.8"},
		{"unreadable before it", "10.0.0.1:1234", []string{"unknown, 203.0.113.8"}, "203.0.113.8"},
		{"unreadable before a proxy", "10.0.0.1:1234", []string{"203.0.113.8, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"unreadable altogether", "10.0.0.1:1234", []string{"203.0.113.8, <script>"}, "10.0.0.1"},
	} {
		f := &forwarded{trusted: trusted, logger: slog.New(slog.DiscardHandler)}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		request.RemoteAddr = tt.peer
		request.Header["X-Forwarded-For"] = tt.header
		if got := f.client(request); got != tt.want {
			t.Errorf("%s: client(%s, %q) = %s, want %s", tt.name, tt.peer, tt.header, got, tt.want)
		}
	}
}

func TestAProxyThatIsNotTrustedIsLoggedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 {
		b.stranger().send(http.MethodGet, "/login", nil, fromAddress("203.0.113.8"))
	}
	if n := strings.Count(b.logs.String(), "not in FOYER_TRUSTED_PROXIES"); n != 1 {
		t.Errorf("it is logged %d times, want once", n)
	}
}
