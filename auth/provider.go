package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"foyer/safely"
)

const (
	providerTimeout = 10 * time.Second
	// maxProviderBody is far above any honest answer, and far below what would
	// hurt.
	maxProviderBody = 1 << 20
	// discoveryLifetime is how long the provider's configuration is trusted
	// before it is asked for again; the old one serves on if that fails.
	discoveryLifetime = time.Hour
	// logoutPatience keeps a sign-out, which is done already on our side, from
	// waiting long for a provider that is down.
	logoutPatience = 3 * time.Second
)

// signingAlgs are the ones an ID token may be signed with: asymmetric all, so
// neither "none" nor an HMAC keyed with a public key can pass.
var signingAlgs = [...]string{
	oidc.RS256, oidc.RS384, oidc.RS512,
	oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512,
	oidc.EdDSA,
}

// errProviderDown marks failures that are the provider's, and may pass.
var errProviderDown = errors.New("identity provider unavailable")

// errSpelling marks a provider that calls itself something else than the settings do.
var errSpelling = errors.New("spells its issuer in another way")

// discoveryReason is why a sign-in is refused when the provider can't be discovered.
func discoveryReason(err error) Reason {
	if errors.Is(err, errSpelling) {
		return ReasonSpelling
	}
	return ReasonUnavailable
}

// metadata is what we read of the provider's discovery document.
type metadata struct {
	Issuer           string   `json:"issuer"`
	AuthURL          string   `json:"authorization_endpoint"`
	TokenURL         string   `json:"token_endpoint"`
	KeysURL          string   `json:"jwks_uri"`
	EndSessionURL    string   `json:"end_session_endpoint"`
	Algorithms       []string `json:"id_token_signing_alg_values_supported"`
	TokenAuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	// SendsIssuer says that every authorization response carries iss (RFC 9207).
	SendsIssuer bool `json:"authorization_response_iss_parameter_supported"`
}

// provider is the identity provider as it described itself.
type provider struct {
	metadata
	keys      *providerKeys
	fetchedAt time.Time
}

// algorithms are those of ours that the provider uses; RS256, which all must
// support, if it does not say.
func (p *provider) algorithms() []string {
	if len(p.Algorithms) == 0 {
		return []string{oidc.RS256}
	}
	return slices.DeleteFunc(slices.Clone(p.Algorithms), func(alg string) bool {
		return !slices.Contains(signingAlgs[:], alg)
	})
}

// endpoint decides how the client authenticates by what the provider says, not
// by trying: a try costs the code, which is good for one use.
func (p *provider) endpoint() oauth2.Endpoint {
	style := oauth2.AuthStyleInHeader
	if len(p.TokenAuthMethods) > 0 && !slices.Contains(p.TokenAuthMethods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return oauth2.Endpoint{AuthURL: p.AuthURL, TokenURL: p.TokenURL, AuthStyle: style}
}

// discovery finds out about the provider when it is first needed, and again
// when that is long ago or has failed.
type discovery struct {
	issuer string
	client *http.Client
	now    func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	known  *provider
}

// get returns the provider, from memory if it can: an old answer is better than
// none.
func (d *discovery) get(ctx context.Context) (*provider, error) {
	d.mu.Lock()
	known := d.known
	d.mu.Unlock()
	if known != nil && d.now().Sub(known.fetchedAt) < discoveryLifetime {
		return known, nil
	}
	fresh, err := d.refresh(ctx)
	if err != nil && known != nil {
		return known, nil
	}
	return fresh, err
}

// refresh asks the provider, once for any number of concurrent callers. A
// caller that goes away does not take the others' answer with it.
func (d *discovery) refresh(ctx context.Context) (*provider, error) {
	result := d.flight.DoChan("", safely.InFlight(func() (*provider, error) {
		fresh, err := d.fetch(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.known = fresh
		return fresh, nil
	}))
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("discover identity provider: %w", ctx.Err())
	case r := <-result:
		if r.Err != nil {
			return nil, fmt.Errorf("discover identity provider: %w", r.Err)
		}
		return r.Val.(*provider), nil
	}
}

func (d *discovery) fetch(ctx context.Context) (*provider, error) {
	address := strings.TrimSuffix(d.issuer, "/") + "/.well-known/openid-configuration"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", errProviderDown, resp.StatusCode)
	}
	var found metadata
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		return nil, fmt.Errorf("%w: decode configuration: %w", errProviderDown, err)
	}

	if err := found.check(d.issuer); err != nil {
		return nil, err
	}
	fresh := &provider{metadata: found, fetchedAt: d.now()}
	algorithms := fresh.algorithms()
	if len(algorithms) == 0 {
		return nil, errors.New("the identity provider signs with no asymmetric algorithm")
	}
	keys := &providerKeys{url: found.KeysURL, client: d.client}
	for _, algorithm := range algorithms {
		keys.algorithms = append(keys.algorithms, jose.SignatureAlgorithm(algorithm))
	}
	fresh.keys = keys
	return fresh, nil
}

// check refuses a configuration that is another issuer's or that would send
// people or codes over a connection that can be read.
func (m *metadata) check(issuer string) error {
	if m.Issuer != issuer {
		return fmt.Errorf("the identity provider %w: it is %.100q there, and %.100q in the settings", errSpelling, m.Issuer, issuer)
	}
	endpoints := []struct{ name, address string }{
		{"authorization_endpoint", m.AuthURL},
		{"token_endpoint", m.TokenURL},
		{"jwks_uri", m.KeysURL},
	}
	for _, endpoint := range endpoints {
		if err := checkURL(endpoint.address); err != nil {
			return fmt.Errorf("the identity provider's %s: %w", endpoint.name, err)
		}
	}
	if m.EndSessionURL != "" {
		if err := checkURL(m.EndSessionURL); err != nil {
			return fmt.Errorf("the identity provider's end_session_endpoint: %w", err)
		}
	}
	return nil
}

// checkURL accepts https, and http on loopback only.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return errors.New("not an absolute URL")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("must be https: plain http is for loopback addresses")
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// newProviderClient is for everything that goes to the provider. It follows no
// redirects, since a code or a secret must go nowhere else.
func newProviderClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			ForceAttemptHTTP2:     true,
			MaxIdleConnsPerHost:   4,
			IdleConnTimeout:       providerTimeout,
			TLSHandshakeTimeout:   providerTimeout,
			ResponseHeaderTimeout: providerTimeout,
		}
	}
	return &http.Client{
		Transport: guardedTransport{transport},
		Timeout:   providerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// guardedTransport turns the provider's own failures into errors, so that they
// are known as such through libraries that would quote the page that came with
// them, and cuts off bodies that are too long.
type guardedTransport struct{ next http.RoundTripper }

func (t guardedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProviderDown, err)
	}
	if resp.StatusCode >= http.StatusInternalServerError {
		resp.Body.Close()
		return nil, fmt.Errorf("%w: status %d", errProviderDown, resp.StatusCode)
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxProviderBody}
	return resp, nil
}

// limitedBody fails, rather than ends, where the limit is: a cut-off document
// must not pass for a whole one.
type limitedBody struct {
	io.ReadCloser
	left int
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if n > b.left {
		n = b.left
		b.left = 0
		return n, fmt.Errorf("%w: answer longer than %d bytes", errProviderDown, maxProviderBody)
	}
	b.left -= n
	return n, err
}
